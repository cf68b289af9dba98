package io.amends.core.failure;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Writes a stack trace as Java prints it, with a bound that every exception gets a share of: the root cause is what a
 * reader needs most, and stands last. What an exception does not use of its share, the outer ones get.
 */
final class StackText {
    static final int LINES = 500;
    static final int BYTES = 64 * 1024;

    private static final int LINE = 500;
    private static final int SUPPRESSED = 3;
    private static final int SECTIONS = 32;

    private final Function<Throwable, String> headline;
    private final List<Section> sections = new ArrayList<>();
    private final Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * An exception to write.
     *
     * @param head its first line
     * @param indent what its lines begin with
     * @param frames its frames without those that it shares with the one that encloses it
     * @param shared how many it shares
     */
    private record Section(String head, String indent, List<StackTraceElement> frames, int shared) {
        int lines() {
            return 1 + frames.size() + (shared > 0 ? 1 : 0);
        }
    }

    private StackText(Function<Throwable, String> headline) {
        this.headline = headline;
    }

    /**
     * The text of a chain.
     *
     * @param headline writes an exception's class and message on one line
     */
    static String of(ErrorChain chain, Function<Throwable, String> headline) {
        StackText text = new StackText(headline);
        text.collect(chain);
        return text.write();
    }

    private void collect(ErrorChain chain) {
        // The chain first: a suppressed exception may be one of its causes, and is then left out.
        seen.addAll(chain.all());
        StackTraceElement[] enclosing = {};
        for (int i = 0; i < chain.all().size(); i++) {
            Throwable error = chain.all().get(i);
            StackTraceElement[] frames = framesOf(error);
            String caption = i == 0 ? "" : "Caused by: ";
            if (chain.omitted() > 0 && i == chain.all().size() - 1) {
                caption = "... " + chain.omitted() + " causes omitted\nCaused by: ";
            }
            add(caption, "", error, frames, enclosing);
            addSuppressed(error, frames);
            enclosing = frames;
        }
    }

    private void addSuppressed(Throwable error, StackTraceElement[] enclosing) {
        Throwable[] suppressed = error.getSuppressed();
        for (int i = 0; i < suppressed.length && i < SUPPRESSED && sections.size() < SECTIONS; i++) {
            if (seen.add(suppressed[i])) {
                StackTraceElement[] frames = framesOf(suppressed[i]);
                add("Suppressed: ", "\t", suppressed[i], frames, enclosing);
                Throwable root = ErrorChain.of(suppressed[i]).root();
                if (seen.add(root)) {
                    add("Caused by: ", "\t", root, framesOf(root), frames);
                }
            }
        }
    }

    private void add(
            String caption, String indent, Throwable error, StackTraceElement[] frames, StackTraceElement[] enclosing) {
        int own = frames.length;
        int outer = enclosing.length;
        while (own > 0 && outer > 0 && frames[own - 1].equals(enclosing[outer - 1])) {
            own--;
            outer--;
        }
        String head = indent + caption + headline.apply(error);
        sections.add(new Section(head, indent, List.of(frames).subList(0, own), frames.length - own));
    }

    private String write() {
        int[] limits = new int[sections.size()];
        int left = LINES
                - (int) sections.stream()
                        .filter(section -> section.head().indexOf('\n') >= 0)
                        .count();
        for (int i = limits.length - 1; i >= 0; i--) {
            limits[i] = Math.min(sections.get(i).lines(), left / (i + 1));
            left -= limits[i];
        }
        List<String> texts = new ArrayList<>();
        int bytes = 0;
        for (int i = 0; i < limits.length; i++) {
            String text = SafeText.of(write(sections.get(i), limits[i]), Integer.MAX_VALUE);
            texts.add(text);
            bytes += text.getBytes(StandardCharsets.UTF_8).length;
        }
        if (bytes > BYTES) {
            int share = BYTES / texts.size() - 1;
            texts.replaceAll(text -> {
                String start = SafeText.bytes(text, share);
                return start.endsWith("\n") ? start : start + "\n";
            });
        }
        return String.join("", texts);
    }

    private static String write(Section section, int limit) {
        StringBuilder text = new StringBuilder(section.head()).append('\n');
        int room = limit - 1 - (section.shared() > 0 ? 1 : 0);
        List<StackTraceElement> frames = section.frames();
        if (frames.size() <= room) {
            frames.forEach(frame -> append(text, section.indent(), frame));
        } else {
            // Where an endless recursion began is at the end.
            int first = Math.max(0, room - 1) * 3 / 4;
            int last = Math.max(0, room - 1 - first);
            frames.subList(0, first).forEach(frame -> append(text, section.indent(), frame));
            text.append(section.indent())
                    .append("\t... ")
                    .append(frames.size() - first - last)
                    .append(" frames omitted\n");
            frames.subList(frames.size() - last, frames.size()).forEach(frame -> append(text, section.indent(), frame));
        }
        if (section.shared() > 0) {
            text.append(section.indent())
                    .append("\t... ")
                    .append(section.shared())
                    .append(" more\n");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String indent, StackTraceElement frame) {
        text.append(indent)
                .append("\tat ")
                .append(SafeText.line(frame.toString(), LINE))
                .append('\n');
    }

    /** The frames; none if they can not be read. */
    static StackTraceElement[] framesOf(Throwable error) {
        try {
            StackTraceElement[] frames = error.getStackTrace();
            for (StackTraceElement frame : frames) {
                if (frame == null) {
                    return new StackTraceElement[0];
                }
            }
            return frames;
        } catch (Throwable unreadable) {
            return new StackTraceElement[0];
        }
    }
}
