package io.amends.spring.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.amends.api.EventEnvelope;
import io.amends.api.EventPublisher;
import io.amends.api.InvalidEventException;
import io.amends.api.NoTransactionException;
import io.amends.api.OutgoingEvent;
import io.amends.core.operate.Resync;
import io.amends.spring.PostgresForTests;
import io.amends.spring.streams.StreamsApplication.AtStart;
import io.amends.spring.streams.StreamsApplication.Counts;
import io.amends.spring.streams.StreamsApplication.Crm;
import io.amends.spring.streams.StreamsApplication.CustomerSnapshot;
import io.amends.spring.streams.StreamsApplication.LabelDropped;
import io.amends.spring.streams.StreamsApplication.LabelPut;
import io.amends.spring.streams.StreamsApplication.LabelSeen;
import io.amends.spring.streams.StreamsApplication.LocalCustomer;
import io.amends.spring.streams.StreamsApplication.LocalCustomers;
import io.amends.spring.streams.StreamsApplication.LocalRepository;
import io.amends.spring.streams.StreamsApplication.Recorder;
import io.amends.spring.streams.StreamsApplication.RenameCustomer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Versions end to end on PostgreSQL: published by JPA, followed by a synchronizer, skipped when they are stale. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {
            "spring.application.name=streams",
            "spring.jpa.hibernate.ddl-auto=create",
            "spring.datasource.username=postgres",
            "amends.heartbeat=300ms"
        })
@DirtiesContext
class StreamsTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", PostgresForTests::newDatabase);
    }

    @Autowired
    EventPublisher events;

    @Autowired
    JdbcTemplate jdbc;

    @Autowired
    Counts counts;

    @Autowired
    Crm crm;

    @Autowired
    Recorder recorder;

    @Autowired
    LocalRepository locals;

    @Autowired
    LocalCustomers synchronizer;

    @Autowired
    Resync resync;

    @Autowired
    PlatformTransactionManager manager;

    private String id = "";

    @BeforeEach
    void another() {
        id = "c-" + UUID.randomUUID();
        counts.ended.clear();
        LocalCustomers.SOURCE.clear();
        LocalCustomers.absent = key -> {};
    }

    // ---- declarations ---------------------------------------------------------------------------------------------

    @Test
    void anOlderVersionNeitherOverwritesNorRevives() {
        publish(
                new LabelPut(id, 2, 0, "two"),
                new LabelPut(id, 1, 0, "one"),
                new LabelPut(id, 2, 0, "two again"),
                new LabelDropped(id, 4, 0),
                new LabelPut(id, 3, 0, "three"));
        ended(
                "labels on(LabelPut)",
                "labels on(LabelPut) stale",
                "labels on(LabelPut) stale",
                "labels on(LabelDropped)",
                "labels on(LabelPut) stale");
        assertThat(label()).isEmpty();
        assertThat(jdbc.queryForObject(
                        "select epoch || '.' || version || ' ' || (deleted_at is not null) from amends.progress"
                                + " where processor = 'labels' and stream = 'label' and key = ?",
                        String.class,
                        id))
                .isEqualTo("0.4 true");
    }

    @Test
    void aHigherEpochBeginsAnewAndALowerOneIsOver() {
        publish(
                new LabelPut(id, 7, 0, "old"),
                new LabelDropped(id, 8, 0),
                new LabelPut(id, 1, 1, "new"),
                new LabelPut(id, 9, 0, "late"),
                new LabelDropped(id, 10, 0));
        ended(
                "labels on(LabelPut)",
                "labels on(LabelDropped)",
                "labels on(LabelPut)",
                "labels on(LabelPut) stale",
                "labels on(LabelDropped) stale");
        assertThat(label()).contains("new");
    }

    @Test
    void whatOnlyAdvancesIsAlwaysHandledAndMakesOthersStale() {
        publish(
                new LabelPut(id, 1, 0, "one"),
                new LabelSeen(id, 5, 0),
                new LabelSeen(id, 3, 0),
                new LabelPut(id, 5, 0, "five"),
                new LabelPut(id, 6, 0, "six"));
        ended(
                "labels on(LabelPut)",
                "labels on(LabelSeen)",
                "labels on(LabelSeen)",
                "labels on(LabelPut) stale",
                "labels on(LabelPut)");
        assertThat(label()).contains("six");
    }

    // ---- publishing -----------------------------------------------------------------------------------------------

    @Test
    void writesOfAnEntityArePublishedWithTheirVersions() {
        crm.create(id, "Anna");
        crm.change(id, customer -> customer.name = "Anne");
        crm.delete(id);
        assertThat(published(3)).containsExactly("created 0 Anna", "changed 1 Anne", "deleted 2 Anne");
    }

    @Test
    void severalWritesInOneTransactionAreOneEventWithTheLastState() {
        crm.create(id, "Anna");
        crm.changeOften(id, "Anne", "Annette", "Anja");
        assertThat(published(2)).containsExactly("created 0 Anna", "changed 3 Anja");
    }

    @Test
    void aChangedCollectionIsAChangeOfItsEntity() {
        crm.create(id, "Anna");
        crm.change(id, customer -> customer.tags.add("vip"));
        assertThat(published(2)).containsExactly("created 0 Anna", "changed 1 Anna");
    }

    @Test
    void whatAnInnerTransactionCommitsIsPublishedAlsoIfTheOuterOneFails() {
        crm.create(id, "Anna");
        TransactionTemplate apart = new TransactionTemplate(manager);
        apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        assertThatThrownBy(() -> crm.changeApartAndFail(apart, id, "Anne")).isInstanceOf(IllegalStateException.class);
        assertThat(published(2)).containsExactly("created 0 Anna", "changed 1 Anne");
        assertThat(recorder.events).noneMatch(event -> (id + "-2").equals(event.key()));
    }

    @Test
    void whatIsWrittenWhileTheApplicationStartsIsPublished() {
        id = AtStart.ID;
        assertThat(published(1)).containsExactly("created 0 first");
    }

    @Test
    void createdAndChangedInOneTransactionIsCreated() {
        crm.createAndChange(id, "Anna", "Anne");
        assertThat(published(1)).containsExactly("created 1 Anne");
    }

    @Test
    void whatNobodyCouldSeeIsNotPublished() {
        crm.createAndDelete(id);
        crm.create(id, "Anna");
        assertThatThrownBy(() -> crm.changeAndFail(id)).isInstanceOf(IllegalStateException.class);
        assertThat(crm.read(id)).isEqualTo("Anna");
        crm.change(id, customer -> {});
        crm.delete(id);
        assertThat(published(2)).containsExactly("created 0 Anna", "deleted 1 Anna");
    }

    @Test
    void aHandlersWritesArePublishedInItsTransaction() {
        crm.create(id, "Anna");
        publish(new RenameCustomer(id, "Anne"));
        assertThat(published(2)).containsExactly("created 0 Anna", "changed 1 Anne");
        EventEnvelope changed = recorder.events.stream()
                .filter(event -> id.equals(event.key()) && event.type().endsWith("changed"))
                .findFirst()
                .orElseThrow();
        assertThat(changed.causationId()).isNotNull();
    }

    @Test
    void changesAreToldByHandWhereJpaKnowsNothingOfThem() {
        crm.tell(changes -> {
            changes.created(new CustomerSnapshot(id, "Anna", 1));
            changes.changed(new CustomerSnapshot(id, "Anne", 2));
        });
        crm.tell(changes -> {
            changes.deleted(new CustomerSnapshot(id, "Anne", 3));
            changes.created(new CustomerSnapshot(id, "Anja", 4));
        });
        crm.tell(changes -> changes.deleted(new CustomerSnapshot(id, "Anja", 5)));
        assertThat(published(3)).containsExactly("created 2 Anne", "changed 4 Anja", "deleted 5 Anja");
    }

    @Test
    void aChangeNeedsATransactionAndASnapshot() {
        assertThatThrownBy(() -> crm.tellOutside(new CustomerSnapshot(id, "Anna", 1)))
                .isInstanceOf(NoTransactionException.class);
        assertThatThrownBy(() -> crm.tell(changes -> changes.changed("text")))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("@EntityEvents");
        assertThatThrownBy(() -> crm.tell(changes -> changes.changed(new CustomerSnapshot("", "Anna", 1))))
                .isInstanceOf(InvalidEventException.class);
    }

    // ---- synchronizing --------------------------------------------------------------------------------------------

    @Test
    void aLocalEntityFollowsAndKeepsWhatOnlyThisSideKnows() {
        crm.create(id, "Anna");
        await().atMost(SOON).until(() -> local().isPresent());
        jdbc.update("update local_customers set visits = 5 where id = ?", id);
        crm.change(id, customer -> customer.name = "Anne");
        await().atMost(SOON)
                .until(() -> local().filter(c -> c.name.equals("Anne")).isPresent());
        assertThat(local().orElseThrow().visits).isEqualTo(5);
        crm.delete(id);
        await().atMost(SOON).until(() -> local().isEmpty());
    }

    @Test
    void createdAndChangedAreOneUpsertAndADeletedEntityStaysDeleted() {
        publish(
                snapshot("Anne", 2, "changed"),
                snapshot("Anna", 1, "created"),
                snapshot("Anne", 4, "deleted"),
                snapshot("Annette", 3, "changed"));
        ended("customers upsert", "customers upsert stale", "customers delete", "customers upsert stale");
        assertThat(local()).isEmpty();
        publish(snapshot("Anja", 5, "created"));
        await().atMost(SOON)
                .until(() -> local().filter(c -> c.name.equals("Anja")).isPresent());
    }

    @Test
    void aResyncOfOneEntityRepairsItAndItsVersionCounts() throws Exception {
        publish(snapshot("Anna", 1, "created"));
        await().atMost(SOON).until(() -> local().isPresent());
        jdbc.update("update local_customers set name = 'broken' where id = ?", id);
        LocalCustomers.SOURCE.put(id, new CustomerSnapshot(id, "Anna", 1));
        assertThat(resync.one(synchronizer, id)).isTrue();
        await().atMost(SOON)
                .until(() -> local().filter(c -> c.name.equals("Anna")).isPresent());

        LocalCustomers.SOURCE.put(id, new CustomerSnapshot(id, "Annette", 7));
        resync.one(synchronizer, id);
        await().atMost(SOON)
                .until(() -> local().filter(c -> c.name.equals("Annette")).isPresent());
        counts.ended.clear();
        publish(snapshot("Anne", 3, "changed"));
        ended("customers upsert stale");

        LocalCustomers.SOURCE.clear();
        assertThat(resync.one(synchronizer, id)).isFalse();
        await().atMost(SOON).until(() -> local().isEmpty());
    }

    @Test
    void whatIsCreatedWhileTheSourceIsAskedIsNotDeleted() throws Exception {
        LocalCustomers.absent = key -> {
            publish(snapshot("Anna", 1, "created"));
            await().atMost(SOON).until(() -> local().isPresent());
        };

        assertThat(resync.one(synchronizer, id))
                .as("the source had it a moment later")
                .isFalse();

        ended("customers upsert", "customers missing stale");
        assertThat(local()).isPresent();
    }

    @Test
    void aResyncOfAllBringsWhatTheSourceHasAndRemovesTheRest() throws Exception {
        publish(snapshot("Gone", 1, "created"));
        await().atMost(SOON).until(() -> local().isPresent());
        for (int i = 0; i < 250; i++) {
            LocalCustomers.SOURCE.put(id + "-" + i, new CustomerSnapshot(id + "-" + i, "name " + i, i));
        }
        Resync.Result result = resync.all(synchronizer);
        assertThat(result.present()).isEqualTo(250);
        assertThat(result.missing()).isPositive();
        await().atMost(SOON).until(() -> local().isEmpty() && locals.count() == 250);
        assertThat(locals.findById(id + "-249"))
                .hasValueSatisfying(c -> assertThat(c.name).isEqualTo("name 249"));
    }

    // ---- helpers --------------------------------------------------------------------------------------------------

    private OutgoingEvent snapshot(String name, long version, String change) {
        return OutgoingEvent.of(new CustomerSnapshot(id, name, version)).withType("crm.customer." + change);
    }

    private void publish(Object... all) {
        for (Object event : all) {
            events.publishNow(event);
        }
    }

    private void ended(String... expected) {
        String processor = expected[0].substring(0, expected[0].indexOf(' ') + 1);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(counts.ended.stream()
                                .filter(line -> line.startsWith(processor))
                                .toList())
                        .containsExactly(expected));
    }

    /** What was published of this test's customer, once there is so much; a marker tells that nothing else comes. */
    private List<String> published(int count) {
        String marker = "marker-" + UUID.randomUUID();
        crm.tell(changes -> changes.created(new CustomerSnapshot(marker, "marker", 1)));
        await().atMost(SOON)
                .until(() -> recorder.events.stream().anyMatch(event -> marker.equals(event.key()))
                        && ofThis().size() >= count);
        return ofThis();
    }

    private List<String> ofThis() {
        return recorder.events.stream()
                .filter(event -> id.equals(event.key()))
                .map(event ->
                        event.type().substring("crm.customer.".length()) + " " + event.version() + " " + name(event))
                .toList();
    }

    private static String name(EventEnvelope event) {
        byte[] data = event.data();
        String json = data == null ? "" : new String(data, java.nio.charset.StandardCharsets.UTF_8);
        return json.replaceAll(".*\"name\":\"([^\"]*)\".*", "$1");
    }

    private Optional<String> label() {
        return jdbc.queryForList("select text from labels where id = ?", String.class, id).stream()
                .findFirst();
    }

    private Optional<LocalCustomer> local() {
        return locals.findById(id);
    }
}
