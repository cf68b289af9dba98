package io.amends.spring.streams;

import io.amends.api.Advances;
import io.amends.api.EntityChanges;
import io.amends.api.EntityEvents;
import io.amends.api.EventEnvelope;
import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventType;
import io.amends.api.EventVersion;
import io.amends.api.OnEvent;
import io.amends.api.PublishChanges;
import io.amends.api.SkipStale;
import io.amends.api.StartFrom;
import io.amends.core.observe.EngineListener;
import io.amends.spring.synchronize.RepositorySynchronizer;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** Customers on one side, what the other side knows of them on the other. */
@SpringBootApplication
@EnableJpaRepositories(considerNestedRepositories = true)
public class StreamsApplication {

    @EntityEvents("crm.customer")
    record CustomerSnapshot(
            @EventKey String id, String name, @EventVersion long version) {}

    @Entity
    @Table(name = "customers")
    static class Customer {
        @Id
        String id = "";

        String name = "";

        @ElementCollection(fetch = FetchType.EAGER)
        Set<String> tags = new HashSet<>();

        @Version
        @Nullable Long version;

        @PublishChanges
        private CustomerSnapshot snapshot() {
            return new CustomerSnapshot(id, name, version == null ? -1 : version);
        }
    }

    interface Customers extends JpaRepository<Customer, String> {}

    /** Has no column for the version, and one of which the source knows nothing. */
    @Entity
    @Table(name = "local_customers")
    static class LocalCustomer {
        @Id
        String id = "";

        String name = "";
        int visits;
    }

    interface LocalRepository extends JpaRepository<LocalCustomer, String> {}

    @Component
    @EventProcessor(name = "customers", key = "id", startFrom = StartFrom.EARLIEST)
    static class LocalCustomers extends RepositorySynchronizer<CustomerSnapshot, LocalCustomer, String> {
        static final Map<String, CustomerSnapshot> SOURCE = new ConcurrentHashMap<>();
        /** Called with a key that the source does not have, before that is told. */
        static Consumer<String> absent = key -> {};

        LocalCustomers(LocalRepository repository) {
            super(repository, key -> key);
        }

        @Override
        protected LocalCustomer map(CustomerSnapshot snapshot, @Nullable LocalCustomer local) {
            LocalCustomer customer = local == null ? new LocalCustomer() : local;
            customer.id = snapshot.id();
            customer.name = snapshot.name();
            return customer;
        }

        @Override
        public @Nullable CustomerSnapshot fetch(String key) {
            CustomerSnapshot found = SOURCE.get(key);
            if (found == null) {
                absent.accept(key);
            }
            return found;
        }

        @Override
        public Stream<CustomerSnapshot> fetchAll() {
            return SOURCE.values().stream();
        }

        @Override
        protected String key(LocalCustomer local) {
            return local.id;
        }
    }

    /** Remembers what is published of customers. */
    @Component
    @EventProcessor(name = "recorder", startFrom = StartFrom.EARLIEST)
    static class Recorder {
        final List<EventEnvelope> events = new CopyOnWriteArrayList<>();

        @OnEvent(
                value = {"crm.customer.created", "crm.customer.changed", "crm.customer.deleted"},
                name = "record")
        void on(EventEnvelope event) {
            events.add(event);
        }
    }

    @EventType("rename.customer")
    record RenameCustomer(@EventKey String id, String name) {}

    /** Changes a followed entity inside a handler. */
    @Component
    @EventProcessor(name = "renamer", startFrom = StartFrom.EARLIEST)
    static class Renamer {
        private final Customers customers;

        Renamer(Customers customers) {
            this.customers = customers;
        }

        @OnEvent
        void on(RenameCustomer event) {
            customers.findById(event.id()).orElseThrow().name = event.name();
        }
    }

    @EventType("label.put")
    record LabelPut(String id, long v, long era, String text) {}

    @EventType("label.dropped")
    record LabelDropped(String id, long v, long era) {}

    @EventType("label.seen")
    record LabelSeen(String id, long v, long era) {}

    /** Its table has no versions. */
    @Component
    @EventProcessor(name = "labels", key = "id", startFrom = StartFrom.EARLIEST)
    static class Labels {
        private final JdbcTemplate jdbc;

        Labels(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
            jdbc.execute("create table if not exists labels (id text primary key, text text not null)");
        }

        @OnEvent
        @SkipStale(stream = "label", key = "id", version = "v", epoch = "era")
        void on(LabelPut event) {
            jdbc.update(
                    "insert into labels values (?, ?) on conflict (id) do update set text = excluded.text",
                    event.id(),
                    event.text());
        }

        @OnEvent
        @SkipStale(stream = "label", key = "id", version = "v", epoch = "era", deletes = true)
        void on(LabelDropped event) {
            jdbc.update("delete from labels where id = ?", event.id());
        }

        @OnEvent
        @Advances(stream = "label", key = "id", version = "v", epoch = "era")
        void on(LabelSeen event) {
            jdbc.update("update labels set text = text || '+' where id = ?", event.id());
        }
    }

    /** Counts what was handled and what was stale, by processor and function. */
    @Component
    static class Counts implements EngineListener {
        final List<String> ended = new CopyOnWriteArrayList<>();

        @Override
        public void handled(String processor, String function, java.time.Duration took) {
            ended.add(processor + " " + function);
        }

        @Override
        public void stale(String processor, String function) {
            ended.add(processor + " " + function + " stale");
        }
    }

    /** Writes while the application starts. */
    @Component
    static class AtStart {
        static final String ID = "at-start";

        AtStart(Customers customers, PlatformTransactionManager manager) {
            new TransactionTemplate(manager).executeWithoutResult(status -> {
                Customer customer = new Customer();
                customer.id = ID;
                customer.name = "first";
                customers.save(customer);
            });
        }
    }

    @Service
    static class Crm {
        private final Customers customers;
        private final EntityManager entities;
        private final EntityChanges changes;

        Crm(Customers customers, EntityManager entities, EntityChanges changes) {
            this.customers = customers;
            this.entities = entities;
            this.changes = changes;
        }

        @Transactional
        void create(String id, String name) {
            Customer customer = new Customer();
            customer.id = id;
            customer.name = name;
            entities.persist(customer);
        }

        @Transactional
        void change(String id, Consumer<Customer> change) {
            change.accept(customers.findById(id).orElseThrow());
        }

        /** Several writes of one entity in one transaction: each query flushes. */
        @Transactional
        void changeOften(String id, String... names) {
            Customer customer = customers.findById(id).orElseThrow();
            for (String name : names) {
                customer.name = name;
                customers.count();
            }
        }

        @Transactional
        void createAndChange(String id, String name, String later) {
            create(id, name);
            customers.count();
            customers.findById(id).orElseThrow().name = later;
        }

        @Transactional
        void createAndDelete(String id) {
            create(id, "short-lived");
            customers.count();
            customers.deleteById(id);
        }

        /** A transaction inside another one: it commits, the outer one does not. */
        @Transactional
        void changeApartAndFail(TransactionTemplate apart, String id, String name) {
            apart.executeWithoutResult(status -> customers.findById(id).orElseThrow().name = name);
            create(id + "-2", "never");
            customers.count();
            throw new IllegalStateException("rolled back");
        }

        @Transactional
        void delete(String id) {
            customers.deleteById(id);
        }

        @Transactional
        void changeAndFail(String id) {
            changeOften(id, "never");
            throw new IllegalStateException("rolled back");
        }

        @Transactional(readOnly = true)
        String read(String id) {
            return customers.findById(id).orElseThrow().name;
        }

        /** For what JPA knows nothing of. */
        @Transactional
        void tell(Consumer<EntityChanges> what) {
            what.accept(changes);
        }

        void tellOutside(CustomerSnapshot snapshot) {
            changes.changed(snapshot);
        }
    }
}
