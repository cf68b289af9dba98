package io.amends.spring.observe;

import io.amends.core.failure.BindingErrorReader;
import io.amends.core.failure.ErrorDetails;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the violated constraints of Jakarta Validation; never the violating values. */
public final class ConstraintBindings implements BindingErrorReader {

    @Override
    public List<ErrorDetails.Binding> read(Throwable error) {
        if (!(error instanceof ConstraintViolationException violated) || violated.getConstraintViolations() == null) {
            return List.of();
        }
        List<ErrorDetails.Binding> bindings = new ArrayList<>();
        for (ConstraintViolation<?> violation : violated.getConstraintViolations()) {
            bindings.add(new ErrorDetails.Binding(text(violation.getPropertyPath()), text(violation.getMessage())));
        }
        // a set has no order, a record should
        bindings.sort(Comparator.comparing(ErrorDetails.Binding::path).thenComparing(ErrorDetails.Binding::message));
        return bindings;
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
