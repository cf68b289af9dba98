package io.amends.core.failure;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a group of failures has in common, version 1.
 *
 * <p>Made of the processor, the classes of the exception chain, and the first five own frames of the root cause as
 * {@code class#method}: no line numbers, and nothing that a compiler or a proxy numbers anew with each build. Where the
 * root cause has no own frame, its message stands in, with everything variable replaced. A pure function; groups that
 * are stored depend on it: it never changes, a better one gets a new version.
 *
 * @param value {@code v1:} and 12 hexadecimal digits of SHA-256 over the inputs
 * @param inputs the exact inputs, one line each, to show why a failure is in its group
 */
public record Fingerprint(String value, List<String> inputs) {
    private static final int FRAMES = 5;
    private static final int MESSAGE = 200;
    /** What of a message is looked at, so that a huge one costs nothing. */
    private static final int MESSAGE_READ = 2000;

    private static final Pattern VARIABLE = Pattern.compile("(?<email>[\\w.+-]{1,64}+@[\\w-]++(?:\\.[\\w-]++)++)"
            + "|(?<uuid>\\b\\p{XDigit}{8}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}\\b)"
            + "|(?<date>\\b\\d{4}-\\d{2}-\\d{2}"
            + "(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?)"
            + "|(?<text>\"[^\"\\n]*+\"|(?<![\\p{L}\\p{N}])'[^'\\n]*+')"
            + "|(?<hex>0x\\p{XDigit}++|(?<=@)\\p{XDigit}{1,16}+\\b|\\b(?=\\p{XDigit}*\\d)\\p{XDigit}{8,}+\\b)"
            + "|(?<n>\\d++(?:[.,]\\d++)*+)");
    private static final List<String> PLACEHOLDERS = List.of("email", "uuid", "date", "text", "hex", "n");
    private static final Pattern GENERATED_CLASS =
            Pattern.compile("_?\\$\\$.*|\\$(?:HibernateProxy|ByteBuddy|MockitoMock)\\$.*|(?:\\$\\d+)+(?=\\$|$)");
    private static final Pattern LAMBDA = Pattern.compile("(?:lambda|CGLIB)\\$(.+?)\\$\\d+");
    private static final Pattern PROXY = Pattern.compile("(?:.*\\.)?\\$Proxy\\d+");

    /** Copies the inputs. */
    public Fingerprint {
        inputs = List.copyOf(inputs);
    }

    /**
     * The fingerprint of a failure of a function.
     *
     * @param packages prefixes of the frames that count as own; an empty one means the unnamed package
     */
    public static Fingerprint of(String processor, Throwable error, List<String> packages) {
        ErrorChain chain = ErrorChain.of(error);
        List<String> inputs = new ArrayList<>();
        inputs.add("processor " + processor);
        chain.errors().forEach(e -> inputs.add("error " + className(e.getClass().getName())));
        List<String> frames = ownFrames(chain.root(), packages);
        if (frames.isEmpty()) {
            inputs.add("message " + normalized(messageOf(chain.root())));
        } else {
            frames.forEach(frame -> inputs.add("frame " + frame));
        }
        return of(inputs);
    }

    /** The fingerprint of payloads that a codec can not decode: one group for a processor and event type. */
    public static Fingerprint undecodable(String processor, String contentType, String eventType) {
        return of(List.of("processor " + processor, "codec " + contentType, "event type " + eventType));
    }

    /**
     * The fingerprint of what no exception explains: one group for a processor, a reason and an event type. Whatever was
     * before is another cause.
     */
    public static Fingerprint ofReason(FailureReason reason, String processor, String eventType) {
        return of(List.of("processor " + processor, "reason " + reason, "event type " + eventType));
    }

    /** The fingerprint of failures that were given to another processor: one group for that and the group they were in. */
    public static Fingerprint moved(String fingerprint, String processor) {
        return of(List.of("processor " + processor, "moved from the group " + fingerprint));
    }

    @Override
    public String toString() {
        return value;
    }

    private static Fingerprint of(List<String> inputs) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\n", inputs).getBytes(StandardCharsets.UTF_8));
            return new Fingerprint("v1:" + HexFormat.of().formatHex(hash, 0, 6), inputs);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Repetitions in a row count once: a proxy around a method, and how deep a recursion went. */
    private static List<String> ownFrames(Throwable root, List<String> packages) {
        List<String> own = new ArrayList<>();
        for (StackTraceElement frame : StackText.framesOf(root)) {
            if (own.size() == FRAMES) {
                break;
            }
            String type = frame.getClassName();
            if (isOwn(type, packages) && !PROXY.matcher(type).matches()) {
                String text = className(type) + "#" + methodName(frame.getMethodName());
                if (own.isEmpty() || !own.get(own.size() - 1).equals(text)) {
                    own.add(text);
                }
            }
        }
        return own;
    }

    private static boolean isOwn(String type, List<String> packages) {
        for (String prefix : packages) {
            boolean within = prefix.isEmpty()
                    ? type.indexOf('.') < 0
                    : type.startsWith(prefix)
                            && (prefix.endsWith(".")
                                    || type.length() == prefix.length()
                                    || type.charAt(prefix.length()) == '.'
                                    || type.charAt(prefix.length()) == '$');
            if (within) {
                return true;
            }
        }
        return false;
    }

    private static String className(String name) {
        return SafeText.line(GENERATED_CLASS.matcher(name).replaceAll(""), 255);
    }

    private static String methodName(String name) {
        Matcher lambda = LAMBDA.matcher(name);
        return SafeText.line(lambda.matches() ? lambda.group(1) : name, 255);
    }

    private static String normalized(@Nullable String message) {
        if (message == null) {
            return "";
        }
        String start = message.length() > MESSAGE_READ ? message.substring(0, MESSAGE_READ) : message;
        String line = SafeText.line(start, MESSAGE_READ);
        String constant = VARIABLE.matcher(line).replaceAll(found -> "<" + kind(found) + ">");
        return constant.length() > MESSAGE ? constant.substring(0, MESSAGE) : constant;
    }

    private static String kind(java.util.regex.MatchResult found) {
        for (int group = 1; group <= PLACEHOLDERS.size(); group++) {
            if (found.group(group) != null) {
                return PLACEHOLDERS.get(group - 1);
            }
        }
        throw new IllegalStateException("every alternative is a group");
    }

    private static @Nullable String messageOf(Throwable error) {
        try {
            return error.getMessage();
        } catch (Throwable unreadable) {
            return null;
        }
    }
}
