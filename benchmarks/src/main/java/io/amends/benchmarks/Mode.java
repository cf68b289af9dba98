package io.amends.benchmarks;

/** A way to publish and to handle: the engine in one of its forms, or SQL without one. */
interface Mode {

    /** Its name in the report. */
    String name();

    /** Makes it ready on empty tables; handles from then on. */
    Session open(Database database, Plan plan, Meter meter) throws Exception;

    /**
     * What is to be done.
     *
     * @param batch events per transaction that a handler takes when there is a backlog
     * @param handling whether events are handled at all
     * @param poisoned the key whose events always fail, empty for none
     */
    record Plan(int batch, boolean handling, String poisoned) {
        /** One transaction for each event, and no failures. */
        static final Plan SINGLY = new Plan(1, true, "");
    }

    /** A mode at work. Thread-safe. */
    interface Session extends AutoCloseable {

        /** A business transaction: one row of its own, and one event. */
        void publish(long n, String key) throws Exception;

        @Override
        void close();
    }
}
