package io.amends.core.runtime;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/** Makes UUIDs of version 7 (RFC 9562, section 5.7), increasing within the process: 12 bits count within a millisecond. */
final class TimeOrderedIds {
    private final ReentrantLock lock = new ReentrantLock();
    private final SecureRandom random = new SecureRandom();
    private long lastMillis;
    private int counter;

    String next() {
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        long millis;
        int count;
        lock.lock();
        try {
            long now = System.currentTimeMillis();
            if (now > lastMillis) {
                lastMillis = now;
                counter = (int) (low >>> 24) & 0xff;
            } else if (++counter > 0xfff) {
                lastMillis++;
                counter = 0;
            }
            millis = lastMillis;
            count = counter;
        } finally {
            lock.unlock();
        }
        return new UUID(millis << 16 | 0x7000 | count, low).toString();
    }
}
