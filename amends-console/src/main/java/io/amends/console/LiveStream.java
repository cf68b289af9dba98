package io.amends.console;

import io.amends.core.operate.Batch;
import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.GroupSearch;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.operate.QueueCounts;
import io.amends.core.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells clients what has changed: numbers and hints, no records.
 *
 * <p>One poller asks the database every 1.5 s while anybody listens, however many they are, and nobody asks when nobody
 * does. Each client has a thread of its own and a queue of 100 messages; one that does not read is left behind, and may come
 * again with the id of its last message. Messages are kept for that: the latest 1,000. Thread-safe.
 */
public final class LiveStream implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveStream.class);
    private static final Duration PACE = Duration.ofMillis(1500);
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    /** A browser comes again by itself, and is let in again if it still may. */
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private static final int QUEUE = 100;
    private static final int KEPT = 1000;
    private static final int MOST_CLIENTS = 500;
    private static final int MOST_OF_ONE = 4;
    private static final int GROUPS = 200;
    private static final int BATCHES = 50;

    /**
     * A message.
     *
     * @param id names it, for {@code Last-Event-ID}
     * @param event what it is: {@code counts}, {@code lanes}, {@code groups}, {@code batch}, {@code reset}, or {@code bye},
     *     the last one of a server that ends
     * @param data JSON
     */
    public record Message(String id, String event, String data) {
        /** As {@code text/event-stream} writes it. */
        public String text() {
            return "id: " + id + "\nevent: " + event + "\ndata: " + data + "\n\n";
        }
    }

    /** Where a client's messages go; called from one thread. */
    public interface Sink {
        /**
         * Sends a message, or a sign of life if it is null.
         *
         * @throws java.io.IOException if the client is gone
         */
        void send(@Nullable Message message) throws java.io.IOException;

        /** Ends the connection. */
        void end();
    }

    /** Without an id that is known: who comes again reads everything. */
    private static final Message BYE = new Message("", "bye", "{}");

    private static final class Client {
        final String user;
        final BlockingQueue<Message> queue = new ArrayBlockingQueue<>(QUEUE);
        volatile boolean gone;

        Client(String user) {
            this.user = user;
        }
    }

    private final OperatorStore store;
    private final String run = Long.toString(System.nanoTime() & Long.MAX_VALUE, 36);
    private final List<Client> clients = new ArrayList<>();
    private final Deque<Message> kept = new ArrayDeque<>();
    private final Map<String, String> last = new TreeMap<>();
    private long messages;
    private boolean polls;
    private boolean closed;

    /** Creates it; nothing is asked before somebody listens. */
    public LiveStream(OperatorStore store) {
        this.store = store;
    }

    /** How many listen. */
    public synchronized int clients() {
        return clients.size();
    }

    /**
     * Lets a client listen until it is gone, this is closed, or 15 minutes are over.
     *
     * @param user who it is
     * @param lastId the id of the last message that it got, or null
     * @return false if there are too many, all in all or of this user
     */
    public synchronized boolean listen(String user, @Nullable String lastId, Sink sink) {
        long own = clients.stream().filter(client -> client.user.equals(user)).count();
        if (closed || clients.size() >= MOST_CLIENTS || own >= MOST_OF_ONE) {
            return false;
        }
        Client client = new Client(user);
        missed(lastId).forEach(client.queue::add);
        clients.add(client);
        Thread.ofVirtual().name("amends stream of " + user).start(() -> send(client, sink));
        if (!polls) {
            polls = true;
            Thread.ofVirtual().name("amends stream").start(this::poll);
        }
        return true;
    }

    /** What came after the message of this id, or that nobody knows. */
    private List<Message> missed(@Nullable String lastId) {
        List<Message> missed = new ArrayList<>();
        boolean found = false;
        for (Message message : kept) {
            if (found) {
                missed.add(message);
            }
            found |= message.id().equals(lastId);
        }
        if (found && missed.size() < QUEUE) {
            return missed;
        }
        return List.of(new Message(run + "-" + messages, "reset", "{}"));
    }

    private void send(Client client, Sink sink) {
        long began = System.nanoTime();
        try {
            while (!client.gone && System.nanoTime() - began < LONGEST.toNanos()) {
                Message message = client.queue.poll(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
                if (!client.gone) {
                    sink.send(message);
                }
                if (BYE.equals(message)) {
                    return;
                }
            }
        } catch (java.io.IOException | RuntimeException e) {
            LOG.debug("stream of {} ended: {}", client.user, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            remove(client);
            sink.end();
        }
    }

    private synchronized void remove(Client client) {
        clients.remove(client);
    }

    private void poll() {
        while (true) {
            synchronized (this) {
                if (clients.isEmpty() || closed) {
                    polls = false;
                    last.clear();
                    // nobody looks from now on: who comes again with the last of these has a gap behind it
                    kept.clear();
                    return;
                }
            }
            try {
                tell(changes());
            } catch (StoreUnavailableException e) {
                LOG.debug("the database is away: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.warn("what changed could not be read", e);
            }
            try {
                Thread.sleep(PACE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private synchronized void tell(List<Message> changes) {
        for (Message message : changes) {
            kept.addLast(message);
            if (kept.size() > KEPT) {
                kept.removeFirst();
            }
            for (Client client : clients) {
                if (!client.queue.offer(message)) {
                    client.gone = true;
                }
            }
        }
    }

    /** What is shown now, as messages of their own; for clients that do not stay. */
    List<Message> snapshot() {
        List<Message> snapshot = new ArrayList<>();
        read().forEach((topic, data) -> {
            if (!topic.startsWith("group ")) {
                snapshot.add(new Message(run + "-0", eventOf(topic), data));
            }
        });
        return snapshot;
    }

    private List<Message> changes() {
        Map<String, String> now = read();
        List<Message> changes = new ArrayList<>();
        List<String> dirty = new ArrayList<>();
        synchronized (this) {
            boolean first = last.isEmpty();
            now.forEach((topic, data) -> {
                if (!data.equals(last.put(topic, data))) {
                    if (topic.startsWith("group ")) {
                        dirty.add(topic.substring("group ".length()));
                    } else {
                        changes.add(message(topic, data));
                    }
                }
            });
            last.keySet().removeIf(topic -> {
                boolean gone = !now.containsKey(topic);
                if (gone && topic.startsWith("group ")) {
                    dirty.add(topic.substring("group ".length()));
                }
                return gone;
            });
            if (!dirty.isEmpty() && !first) {
                changes.add(message("groups", Json.text(Map.of("dirty", dirty))));
            }
        }
        return changes;
    }

    private Message message(String topic, String data) {
        messages++;
        return new Message(run + "-" + messages, eventOf(topic), data);
    }

    private static String eventOf(String topic) {
        int space = topic.indexOf(' ');
        return space < 0 ? topic : topic.substring(0, space);
    }

    /** What clients are told of, by topic. */
    private Map<String, String> read() {
        Map<String, String> topics = new LinkedHashMap<>();
        QueueCounts counts = store.counts();
        Map<String, Object> numbers = new TreeMap<>();
        counts.failures().forEach((queue, number) -> numbers.put(queue.wireName(), number));
        topics.put(
                "counts",
                Json.text(new TreeMap<>(Map.of(
                        "failures",
                        numbers,
                        "blockedLanes",
                        counts.blockedLanes(),
                        "failedLanes",
                        counts.failedLanes()))));
        topics.put(
                "lanes",
                Json.text(Map.of("mark", Integer.toHexString(store.laneMark().hashCode()))));
        for (FailureGroup group : store.groups(new GroupSearch(null, true, true, GroupSearch.Sort.RECENT), GROUPS)) {
            topics.put("group " + group.fingerprint(), group.numbers() + " " + group.remarks());
        }
        for (Batch batch : store.batches(ProcessorScope.ALL, null, BATCHES)) {
            topics.put("batch " + batch.id(), Json.text(BatchResource.BatchView.of(batch)));
        }
        return topics;
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Client client : clients) {
            // wakes its thread, which ends behind it; a full queue wakes it anyway
            if (!client.queue.offer(BYE)) {
                client.gone = true;
            }
        }
    }

    /** Who may listen, or why not; the stream tells of every processor. */
    static Optional<ApiResponse> refuse(Identity identity) {
        return identity.mayOnAll(Permission.FAILURES_READ)
                ? Optional.empty()
                : Optional.of(ApiResponse.problem(ProblemKind.FORBIDDEN.with(Texts.shown(identity.name())
                        + " may not see every processor, of which the stream tells; poll instead")));
    }
}
