package io.amends.core.operate;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Why items of a batch ended as they did.
 *
 * @param failedAgain items that failed again, by the code of their error
 * @param skipped items that were skipped, by the code of the {@link BatchSkip}
 */
public record BatchOutcomes(SortedMap<String, Integer> failedAgain, SortedMap<String, Integer> skipped) {

    /** Copies the maps. */
    public BatchOutcomes {
        failedAgain = Collections.unmodifiableSortedMap(new TreeMap<>(failedAgain));
        skipped = Collections.unmodifiableSortedMap(new TreeMap<>(skipped));
    }
}
