package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.amends.core.operate.OperatorStore;
import io.amends.core.store.LaneCommand;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveStreamTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final ServiceWithFailures service = new ServiceWithFailures();
    private final AtomicInteger questions = new AtomicInteger();
    private final Set<Thread> askedBy = ConcurrentHashMap.newKeySet();
    private final LiveStream stream = new LiveStream(counting());

    @AfterEach
    void close() {
        stream.close();
        service.close();
    }

    private OperatorStore counting() {
        return (OperatorStore) Proxy.newProxyInstance(
                OperatorStore.class.getClassLoader(),
                new Class<?>[] {OperatorStore.class},
                (proxy, method, arguments) -> {
                    questions.incrementAndGet();
                    askedBy.add(Thread.currentThread());
                    try {
                        return method.invoke(service.operatorStore, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static final class Client implements LiveStream.Sink {
        final List<LiveStream.Message> messages = Collections.synchronizedList(new ArrayList<>());
        volatile boolean ended;
        volatile boolean broken;

        @Override
        public void send(LiveStream.@Nullable Message message) throws IOException {
            if (broken) {
                throw new IOException("gone");
            }
            if (message != null) {
                messages.add(message);
            }
        }

        @Override
        public void end() {
            ended = true;
        }

        List<String> events() {
            synchronized (messages) {
                return messages.stream().map(LiveStream.Message::event).toList();
            }
        }

        long count(String event) {
            return events().stream().filter(event::equals).count();
        }
    }

    @Test
    void tellsWhatChangesAndNothingElse() {
        Client client = new Client();
        assertThat(stream.listen("ann", null, client)).isTrue();
        await().atMost(SOON).until(() -> client.events().contains("counts"));
        assertThat(client.events().getFirst())
                .as("it may have missed something")
                .isEqualTo("reset");
        int before = client.messages.size();
        service.fail("f1", "a");
        await().atMost(SOON).until(() -> client.events().contains("groups"));
        assertThat(client.messages.getLast().data()
                        + client.messages.get(before).data())
                .contains("fingerprint-1")
                .contains("\"active\":1");
    }

    @Test
    void tellsOfWaitsAndOfLanesThatArePaused() {
        service.fail("f1", "a");
        Client client = new Client();
        stream.listen("ann", null, client);
        await().atMost(SOON).until(() -> client.events().contains("lanes"));
        long before = client.count("lanes");
        service.operations.pauseLane(new LaneCommand("points", "a", "ann", null, null));
        await().atMost(SOON).until(() -> client.count("lanes") > before);
        long then = client.count("lanes");
        service.letWait("early");
        await().atMost(SOON).until(() -> client.count("lanes") > then);
    }

    @Test
    void fiftyClientsAskNoMoreThanOne() {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Client client = new Client();
            clients.add(client);
            assertThat(stream.listen("user-" + i / 4, null, client)).isTrue();
        }
        // whoever comes after the first poll is told to read everything, and then only what changes
        await().atMost(SOON).until(() -> clients.getFirst().events().contains("counts"));
        await().atMost(SOON)
                .until(() ->
                        clients.stream().noneMatch(client -> client.events().isEmpty()));
        int asked = questions.get();
        service.fail("f1", "a");
        await().atMost(SOON)
                .until(() -> clients.stream().allMatch(client -> client.events().contains("groups")));
        assertThat(questions.get() - asked)
                .as("questions of the polls until all heard, four a poll")
                .isLessThanOrEqualTo(3 * 4);
        assertThat(askedBy).as("one poller").hasSize(1);
    }

    @Test
    void lettingAClientInAsksNothing() {
        try (OperatorApi api = new OperatorApi(service.operations, counting(), new Access(false), true)) {
            for (int i = 0; i < 4; i++) {
                assertThat(api.stream(streamed(), new Client())).isEmpty();
            }
            assertThat(api.stream(streamed(), new Client())).as("a fifth").isPresent();
            await().atMost(SOON).until(() -> questions.get() >= 4);
            assertThat(askedBy).hasSize(1).doesNotContain(Thread.currentThread());
        }
    }

    @Test
    void aClientThatComesAgainGetsWhatItMissed() {
        Client first = new Client();
        stream.listen("ann", null, first);
        await().atMost(SOON).until(() -> first.events().contains("counts"));
        String last = first.messages.getLast().id();
        service.fail("f1", "a");
        await().atMost(SOON).until(() -> first.events().contains("groups"));
        Client again = new Client();
        stream.listen("ann", last, again);
        await().atMost(SOON).until(() -> again.events().contains("groups"));
        assertThat(again.events()).doesNotContain("reset");
        Client stranger = new Client();
        stream.listen("ann", "of-another-server", stranger);
        await().atMost(SOON).until(() -> stranger.events().contains("reset"));
    }

    /** While nobody listened nobody looked: what changed meanwhile is in no message. */
    @Test
    void aClientThatComesAgainWhenNobodyListenedReadsEverything() {
        Client only = new Client();
        stream.listen("ann", null, only);
        await().atMost(SOON).until(() -> only.events().contains("lanes"));
        String last = only.messages.getLast().id();
        only.broken = true;
        service.fail("f1", "a");
        await().atMost(SOON).until(() -> only.ended);
        int asked = questions.get();
        await().atMost(SOON).pollDelay(Duration.ofSeconds(2)).until(() -> questions.get() == asked);

        Client again = new Client();
        stream.listen("ann", last, again);

        await().atMost(SOON).until(() -> again.events().contains("counts"));
        assertThat(again.events()).startsWith("reset");
    }

    @Test
    void aServerThatEndsSaysSo() {
        Client client = new Client();
        stream.listen("ann", null, client);
        await().atMost(SOON).until(() -> client.events().contains("counts"));

        stream.close();

        await().atMost(SOON).until(() -> client.ended);
        assertThat(client.events()).endsWith("bye");
        assertThat(client.count("bye")).isEqualTo(1);
    }

    @Test
    void aCallerHasAtMostFourStreamsAndOneThatIsGoneMakesRoom() {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(new Client());
            assertThat(stream.listen("ann", null, clients.get(i))).isTrue();
        }
        assertThat(stream.listen("ann", null, new Client())).isFalse();
        assertThat(stream.listen("bert", null, new Client())).isTrue();
        clients.getFirst().broken = true;
        for (int i = 0; i < 3; i++) {
            service.fail("f" + i, "a" + i);
        }
        await().atMost(SOON).until(() -> clients.getFirst().ended);
        assertThat(stream.listen("ann", null, new Client())).isTrue();
    }

    @Test
    void nobodyIsAskedWhenNobodyListens() {
        Client client = new Client();
        stream.listen("ann", null, client);
        await().atMost(SOON).until(() -> client.events().contains("counts"));
        stream.close();
        assertThat(stream.listen("bert", null, new Client())).isFalse();
    }

    @Test
    void aServerThatCanNotStreamAnswersWhatIsNow() {
        service.fail("f1", "a");
        try (OperatorApi api = new OperatorApi(service.operations, service.operatorStore, new Access(false), true)) {
            ApiResponse response = api.handle(streamed());
            assertThat(response.contentType()).isEqualTo("text/event-stream");
            assertThat(new String(response.body(), UTF_8)).contains("event: counts\ndata: {");
        }
    }

    private static ApiRequest streamed() {
        return new ApiRequest(
                "GET",
                "/stream",
                Map.of(),
                null,
                new byte[0],
                new ApiRequest.Caller("x", "127.0.0.1", false, "localhost", null, null));
    }
}
