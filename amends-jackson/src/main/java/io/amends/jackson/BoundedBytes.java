package io.amends.jackson;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** Bytes in memory up to a limit, so that an endless graph ends there and not with the heap. */
final class BoundedBytes extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    private final int most;
    private boolean full;

    BoundedBytes(int most) {
        this.most = most;
    }

    boolean isFull() {
        return full;
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    @Override
    public void write(int value) {
        reserve(1);
        bytes.write(value);
    }

    @Override
    public void write(byte[] source, int offset, int length) {
        reserve(length);
        bytes.write(source, offset, length);
    }

    private void reserve(int length) {
        if (full || bytes.size() + (long) length > most) {
            full = true;
            throw new IllegalStateException("more than " + most + " bytes");
        }
    }
}
