package io.amends.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Slots of stored events depend on these values: a test that fails here must never be adapted. */
class KeyHashTest {

    /** RFC 3720, appendix B.4: the checksum that the hash is made of. */
    @Test
    void theChecksumIsThatOfRfc3720() {
        byte[] ascending = new byte[32];
        byte[] descending = new byte[32];
        byte[] ones = new byte[32];
        for (int i = 0; i < 32; i++) {
            ascending[i] = (byte) i;
            descending[i] = (byte) (31 - i);
            ones[i] = (byte) 0xff;
        }
        byte[] scsiRead = new byte[48];
        scsiRead[0] = 0x01;
        scsiRead[1] = (byte) 0xc0;
        scsiRead[16] = 0x14;
        scsiRead[22] = 0x04;
        scsiRead[27] = 0x14;
        scsiRead[31] = 0x18;
        scsiRead[32] = 0x28;
        scsiRead[40] = 0x02;

        assertThat(crc(new byte[32])).isEqualTo(0x8a9136aaL);
        assertThat(crc(ones)).isEqualTo(0x62a8ab43L);
        assertThat(crc(ascending)).isEqualTo(0x46dd794eL);
        assertThat(crc(descending)).isEqualTo(0x113fdb5cL);
        assertThat(crc(scsiRead)).isEqualTo(0xd9963a56L);
    }

    @Test
    void theHashOfAKeyNeverChanges() {
        assertThat(KeyHash.VERSION).isEqualTo(1);
        assertThat(KeyHash.hash(List.of())).isEqualTo(0L);
        assertThat(KeyHash.hash(List.of(""))).isEqualTo(0x48674bc7L);
        assertThat(KeyHash.hash(List.of("user-1"))).isEqualTo(0xd5ddd40cL);
        assertThat(KeyHash.hash(List.of("4711"))).isEqualTo(0x5d7c3aceL);
        assertThat(KeyHash.hash(List.of("Grüße, 世界 \ud83d\ude00"))).isEqualTo(0xdec60b9cL);
        assertThat(KeyHash.hash(List.of("a", "bc"))).isEqualTo(0x562244a3L);
        assertThat(KeyHash.hash(List.of("ab", "c"))).isEqualTo(0x260ef1fdL);
    }

    @Test
    void theSlotOfAKeyNeverChanges() {
        assertThat(KeyHash.slot("user-1", 128)).isEqualTo(12);
        assertThat(KeyHash.slot("user-2", 128)).isEqualTo(120);
        assertThat(KeyHash.slot(List.of("tenant", "user-1"), 128)).isEqualTo(105);
        assertThat(KeyHash.slot("user-1", 1024)).isEqualTo(12);
        assertThat(KeyHash.slot("anything", 1)).isZero();
    }

    @Test
    void slotsAreWithinTheirNumberAndEvenlyUsed() {
        Random random = new Random(42);
        int[] used = new int[128];
        for (int i = 0; i < 128_000; i++) {
            used[KeyHash.slot(Long.toHexString(random.nextLong()), 128)]++;
        }
        for (int count : used) {
            assertThat(count).isBetween(800, 1200);
        }
        for (int slots = 1; slots <= 1024; slots++) {
            assertThat(KeyHash.slot("key " + slots, slots)).isBetween(0, slots - 1);
        }
    }

    private static long crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return crc.getValue();
    }
}
