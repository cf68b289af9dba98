package io.amends.core.store;

/**
 * A fixed share of a processor's keys, the unit of ownership.
 *
 * @param processor the processor's name
 * @param number {@code 0 .. slots-1}
 */
public record SlotId(String processor, int number) {
    @Override
    public String toString() {
        return processor + "/" + number;
    }
}
