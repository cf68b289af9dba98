package io.amends.core.causality;

/**
 * An entity of a stream, within a processor.
 *
 * @param stream the stream, at most 100 characters
 * @param key the entity, at most 255 bytes of UTF-8
 */
public record StreamKey(String stream, String key) implements Comparable<StreamKey> {
    @Override
    public int compareTo(StreamKey other) {
        int byStream = stream.compareTo(other.stream);
        return byStream != 0 ? byStream : key.compareTo(other.key);
    }

    @Override
    public String toString() {
        return stream + "/" + key;
    }
}
