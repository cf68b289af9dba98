package io.amends.examples.loyalty.fault;

import io.amends.examples.loyalty.event.Contract;
import io.amends.examples.loyalty.web.Checks;
import io.amends.examples.loyalty.web.Problems;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Faults over HTTP. */
@RestController
class FaultController {
    private static final String MODES =
            Arrays.stream(Fault.Mode.values()).map(Enum::name).collect(Collectors.joining(", "));
    private final Faults faults;

    FaultController(Faults faults) {
        this.faults = faults;
    }

    record FaultRequest(
            @Nullable String mode,
            @Nullable String userId,
            @Nullable Double rate) {}

    @GetMapping("/faults")
    Map<String, List<Fault>> all() {
        return Map.of("items", faults.all());
    }

    @PutMapping("/faults/{eventType}")
    Fault set(@PathVariable String eventType, @RequestBody FaultRequest request) {
        if (!Contract.TYPES.contains(eventType)) {
            throw Problems.notFound("event type " + Contract.shown(eventType) + ": unknown (expected: "
                    + String.join(", ", Contract.TYPES) + ")");
        }
        Checks checks = new Checks();
        Optional<Fault.Mode> mode = Arrays.stream(Fault.Mode.values())
                .filter(m -> m.name().equals(request.mode()))
                .findFirst();
        checks.of("mode", request.mode(), mode.isPresent(), MODES);
        checks.of("userId", request.userId(), request.userId() == null || Contract.isId(request.userId()), Contract.ID);
        double rate = request.rate() == null ? 1 : request.rate();
        checks.of("rate", request.rate(), rate >= 0 && rate <= 1, "0..1");
        checks.done();
        Fault fault = new Fault(eventType, mode.orElse(Fault.Mode.NONE), request.userId(), rate);
        faults.set(fault);
        return fault;
    }
}
