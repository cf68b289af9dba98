package io.amends.core.failure;

import io.amends.api.CodedError;
import io.amends.api.EventEnvelope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@link ErrorDetails} of an exception, whatever the exception is like: a failure must be recorded also when its
 * exception throws as it is read, has no end or is full of what no database takes.
 *
 * <p>Thread-safe; never throws. Takes time linear in the length of the cause chain and of the texts. Texts are redacted
 * before they are cut, so that no half of a secret stays.
 */
public final class ErrorCapture {
    private static final int CODE = 100;
    private static final int MESSAGE = 4096;
    private static final int CAUSE_MESSAGE = 1024;
    private static final int TYPE = 255;
    private static final int BINDINGS = 50;
    private static final int PATH = 255;
    /** How much longer than its limit a text may be before it is cut ahead of the redactor. */
    private static final int REDACTED = 4;
    /** What a redactor may have recognised as a secret only if the text had gone on. */
    private static final int TAIL = 512;

    private final Redactor redactor;
    private final List<BindingErrorReader> readers;
    private final Consumer<String> warnings;

    /**
     * Creates it.
     *
     * @param redactor removes secrets
     * @param readers read violated constraints; the first that finds some wins
     * @param warnings takes what was lost of a record and why, one line without any text of the exception
     */
    public ErrorCapture(Redactor redactor, List<BindingErrorReader> readers, Consumer<String> warnings) {
        this.redactor = redactor;
        this.readers = List.copyOf(readers);
        this.warnings = warnings;
    }

    /** The same for what fails with this event. */
    public ErrorCapture of(EventEnvelope event) {
        Redactor ofEvent;
        try {
            ofEvent = redactor.of(event);
        } catch (Throwable failed) {
            warnings.accept("texts are dropped: " + nameOf(redactor) + " threw " + nameOf(failed));
            ofEvent = text -> "";
        }
        return new ErrorCapture(ofEvent, readers, warnings);
    }

    /** The details of an exception, within the limits that {@link ErrorDetails} names. */
    public ErrorDetails details(Throwable error) {
        try {
            return read(ErrorChain.of(error));
        } catch (Throwable unreadable) {
            warnings.accept(
                    "only the class of " + nameOf(error) + " is kept: " + nameOf(unreadable) + " as it was read");
            return new ErrorDetails(tail(error.getClass().getName(), CODE), "", List.of(), List.of(), "");
        }
    }

    /** Texts as lines of their own, redacted. */
    public List<String> lines(List<String> texts) {
        return texts.stream()
                .map(text -> SafeText.line(text(text, MESSAGE), MESSAGE))
                .toList();
    }

    private ErrorDetails read(ErrorChain chain) {
        List<ErrorDetails.Cause> causes = new ArrayList<>();
        for (Throwable error : chain.errors()) {
            causes.add(new ErrorDetails.Cause(typeOf(error), text(messageOf(error), CAUSE_MESSAGE)));
        }
        String stack = StackText.of(chain, this::headline);
        return new ErrorDetails(
                codeOf(chain),
                text(messageOf(chain.outermost()), MESSAGE),
                causes,
                bindingsOf(chain),
                bounded(redact(stack)));
    }

    private String headline(Throwable error) {
        String message = text(messageOf(error), CAUSE_MESSAGE);
        return typeOf(error) + (message.isEmpty() ? "" : ": " + SafeText.line(message, CAUSE_MESSAGE));
    }

    private String codeOf(ErrorChain chain) {
        for (Throwable error : chain.errors()) {
            if (error instanceof CodedError coded) {
                String raw = codeOf(coded);
                String code = text(raw, MESSAGE);
                if (!code.isBlank()) {
                    return SafeText.line(code, CODE);
                }
            }
        }
        return SafeText.line(tail(chain.outermost().getClass().getName(), CODE), CODE);
    }

    private static @Nullable String codeOf(CodedError error) {
        try {
            return error.errorCode();
        } catch (Throwable unreadable) {
            return null;
        }
    }

    private List<ErrorDetails.Binding> bindingsOf(ErrorChain chain) {
        for (Throwable error : chain.errors()) {
            for (BindingErrorReader reader : readers) {
                List<ErrorDetails.Binding> bindings = read(reader, error);
                if (!bindings.isEmpty()) {
                    return bindings;
                }
            }
        }
        return List.of();
    }

    private List<ErrorDetails.Binding> read(BindingErrorReader reader, Throwable error) {
        try {
            List<ErrorDetails.Binding> kept = new ArrayList<>();
            for (ErrorDetails.Binding binding : reader.read(error)) {
                if (kept.size() == BINDINGS) {
                    break;
                }
                kept.add(new ErrorDetails.Binding(text(binding.path(), PATH), text(binding.message(), CAUSE_MESSAGE)));
            }
            return kept;
        } catch (Throwable unreadable) {
            warnings.accept("no violated constraints of " + nameOf(error) + " are kept: " + nameOf(reader) + " threw "
                    + nameOf(unreadable));
            return List.of();
        }
    }

    private String text(@Nullable String raw, int most) {
        if (raw == null || raw.isEmpty()) {
            return "";
        }
        if (raw.length() <= REDACTED * most) {
            return SafeText.of(redact(raw), most);
        }
        String redacted = redact(raw.substring(0, REDACTED * most));
        return SafeText.of(redacted.substring(0, Math.max(0, redacted.length() - TAIL)), most);
    }

    private String redact(String text) {
        try {
            String redacted = redactor.redact(text);
            return redacted == null ? "" : redacted;
        } catch (Throwable failed) {
            warnings.accept("a text of " + text.length() + " characters is dropped: " + nameOf(redactor) + " threw "
                    + nameOf(failed));
            return "";
        }
    }

    /** The stack within its limits also after a redactor that made it longer. */
    private static String bounded(String stack) {
        String text = SafeText.bytes(SafeText.of(stack, StackText.BYTES), StackText.BYTES);
        int end = -1;
        for (int line = 0; line < StackText.LINES; line++) {
            end = text.indexOf('\n', end + 1);
            if (end < 0) {
                return text;
            }
        }
        return text.substring(0, end + 1);
    }

    private static String typeOf(Throwable error) {
        return SafeText.line(tail(error.getClass().getName(), TYPE), TYPE);
    }

    private static String nameOf(Object object) {
        return object.getClass().getName();
    }

    /** The end of a class name says more than its start. */
    private static String tail(String name, int most) {
        return name.length() <= most ? name : name.substring(name.length() - most);
    }

    private static @Nullable String messageOf(Throwable error) {
        try {
            return error.getMessage();
        } catch (Throwable unreadable) {
            return null;
        }
    }
}
