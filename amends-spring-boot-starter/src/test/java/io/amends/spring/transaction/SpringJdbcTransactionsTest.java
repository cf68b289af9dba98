package io.amends.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.NoTransactionException;
import io.amends.jdbc.JdbcTransaction;
import io.amends.jdbc.TransactionAttachment;
import io.amends.spring.PostgresForTests;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.PreUpdate;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

class SpringJdbcTransactionsTest {
    private static final String[] DATABASE = PostgresForTests.newDatasource();

    private final ApplicationContextRunner jdbc = new ApplicationContextRunner()
            .withPropertyValues(DATABASE)
            .withPropertyValues("spring.datasource.hikari.maximum-pool-size=3")
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    TransactionManagerCustomizationAutoConfiguration.class))
            .withUserConfiguration(Setup.class);
    private final ApplicationContextRunner jpa = jdbc.withConfiguration(
                    AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
            .withUserConfiguration(Entities.class);

    @Configuration(proxyBeanMethods = false)
    static class Setup {
        @Bean
        static TransactionManagers transactionManagers() {
            return new TransactionManagers();
        }

        @Bean
        SpringJdbcTransactions transactions(
                PlatformTransactionManager manager, ObjectProvider<EntityManagerFactory> factories) {
            return new SpringJdbcTransactions(
                    manager,
                    new JpaPersistenceContexts(() -> factories.orderedStream().toList()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EntityScan(basePackageClasses = Account.class)
    static class Entities {}

    /** An entity that publishes when it is changed, which happens at the flush only. */
    @Entity(name = "account")
    static class Account {
        static final List<Consumer<Account>> LISTENERS = new ArrayList<>();

        @Id
        long id;

        int balance;

        @PreUpdate
        void changed() {
            LISTENERS.forEach(listener -> listener.accept(this));
        }
    }

    /** A stand-in for the store's outbox: buffers texts, and writes them when it is told to. */
    private static final class Outbox {
        private final SpringJdbcTransactions transactions;
        final List<String> ends = new ArrayList<>();

        Outbox(SpringJdbcTransactions transactions) {
            this.transactions = transactions;
        }

        void publish(String text) {
            JdbcTransaction transaction = transactions.current().orElseThrow(() -> new NoTransactionException("none"));
            Buffer buffer = (Buffer) transaction.attachment();
            if (buffer == null) {
                buffer = new Buffer(transaction);
                transaction.attach(buffer);
            }
            buffer.add(text);
        }

        private final class Buffer implements TransactionAttachment {
            private final JdbcTransaction transaction;
            private final List<String> texts = new ArrayList<>();
            private final List<Object> savepoints = new ArrayList<>();
            private final List<Integer> sizes = new ArrayList<>();
            private boolean written;

            Buffer(JdbcTransaction transaction) {
                this.transaction = transaction;
            }

            void add(String text) {
                texts.add(text);
                if (written) {
                    write();
                }
            }

            @Override
            public void beforeCommit() {
                int size;
                do {
                    size = texts.size();
                    transaction.flush();
                } while (texts.size() > size);
                write();
                written = true;
            }

            private void write() {
                try (Statement statement = transaction.connection().createStatement()) {
                    for (String text : texts) {
                        statement.execute("INSERT INTO outbox (text, seen) SELECT '" + text
                                + "', coalesce((SELECT sum(balance) FROM account), 0)");
                    }
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
                texts.clear();
            }

            @Override
            public void savepointMade(Object savepoint) {
                savepoints.add(savepoint);
                sizes.add(texts.size());
            }

            @Override
            public void rolledBackTo(Object savepoint) {
                int index = savepoints.indexOf(savepoint);
                int size = index < 0 ? 0 : sizes.get(index);
                texts.subList(size, texts.size()).clear();
            }

            @Override
            public void completed(boolean committed) {
                ends.add(committed ? "committed" : "rolled back");
            }
        }
    }

    private void with(String kind, java.util.function.BiConsumer<Outbox, Beans> test) {
        (kind.equals("jpa") ? jpa : jdbc).run(context -> {
            assertThat(context).hasNotFailed();
            JdbcTemplate template = new JdbcTemplate(context.getBean(DataSource.class));
            template.execute("DROP TABLE IF EXISTS outbox, account");
            template.execute("CREATE TABLE outbox (seq serial, text text, seen int)");
            template.execute("CREATE TABLE account (id bigint PRIMARY KEY, balance int NOT NULL)");
            Account.LISTENERS.clear();
            SpringJdbcTransactions transactions = context.getBean(SpringJdbcTransactions.class);
            PlatformTransactionManager manager = context.getBean(PlatformTransactionManager.class);
            Outbox outbox = new Outbox(transactions);
            test.accept(
                    outbox,
                    new Beans(
                            transactions,
                            manager,
                            new TransactionTemplate(manager),
                            template,
                            kind.equals("jpa") ? context.getBean(EntityManager.class) : null));
            assertThat(transactions.current()).isEmpty();
        });
    }

    private record Beans(
            SpringJdbcTransactions transactions,
            PlatformTransactionManager manager,
            TransactionTemplate tx,
            JdbcTemplate sql,
            EntityManager entities) {
        List<String> published() {
            return sql.queryForList("SELECT text FROM outbox ORDER BY seq", String.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void writesAtCommitWhatWasPublishedInOrder(String kind) {
        with(kind, (outbox, beans) -> {
            beans.tx().executeWithoutResult(status -> {
                outbox.publish("a");
                outbox.publish("b");
                beans.sql().update("INSERT INTO account VALUES (1, 10)");
                assertThat(beans.published()).isEmpty();
            });
            assertThat(beans.published()).containsExactly("a", "b");
            assertThat(beans.sql().queryForList("SELECT seen FROM outbox", Integer.class))
                    .as("after all other writes")
                    .containsOnly(10);
            assertThat(outbox.ends).containsExactly("committed");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void writesNothingOfARollback(String kind) {
        with(kind, (outbox, beans) -> {
            beans.tx().executeWithoutResult(status -> {
                outbox.publish("a");
                status.setRollbackOnly();
            });
            assertThatThrownBy(() -> beans.tx().executeWithoutResult(status -> {
                        outbox.publish("b");
                        throw new IllegalStateException("no");
                    }))
                    .hasMessage("no");
            assertThat(beans.published()).isEmpty();
            assertThat(outbox.ends).containsExactly("rolled back", "rolled back");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void hasNoTransactionOutside(String kind) {
        with(kind, (outbox, beans) -> {
            assertThatThrownBy(() -> outbox.publish("a")).isInstanceOf(NoTransactionException.class);
            TransactionTemplate none = new TransactionTemplate(beans.manager());
            none.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
            assertThatThrownBy(() -> none.executeWithoutResult(status -> {
                        beans.sql().queryForList("SELECT 1");
                        outbox.publish("a");
                    }))
                    .as("a connection bound to the thread is no transaction yet")
                    .isInstanceOf(NoTransactionException.class);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void refusesAReadOnlyTransaction(String kind) {
        with(kind, (outbox, beans) -> {
            beans.tx().setReadOnly(true);
            assertThatThrownBy(() -> beans.tx().executeWithoutResult(status -> outbox.publish("a")))
                    .isInstanceOf(NoTransactionException.class)
                    .hasMessageContaining("read-only");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void keepsSuspendedTransactionsApart(String kind) {
        with(kind, (outbox, beans) -> {
            TransactionTemplate fresh = new TransactionTemplate(beans.manager());
            fresh.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
            beans.tx().executeWithoutResult(outer -> {
                outbox.publish("outer 1");
                fresh.executeWithoutResult(inner -> outbox.publish("inner"));
                assertThat(beans.published()).containsExactly("inner");
                outbox.publish("outer 2");
                beans.tx().executeWithoutResult(joined -> outbox.publish("joined"));
            });
            assertThat(beans.published()).containsExactly("inner", "outer 1", "outer 2", "joined");
        });
    }

    /** With JDBC only: Spring's dialect for Hibernate has no savepoints. */
    @Test
    void cutsTheBufferBackWithASavepoint() {
        with("jdbc", (outbox, beans) -> {
            TransactionTemplate nested = new TransactionTemplate(beans.manager());
            nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
            beans.tx().executeWithoutResult(outer -> {
                nested.executeWithoutResult(inner -> {
                    outbox.publish("first publish, rolled back");
                    inner.setRollbackOnly();
                });
                outbox.publish("a");
                nested.executeWithoutResult(inner -> {
                    outbox.publish("rolled back");
                    nested.executeWithoutResult(deeper -> outbox.publish("rolled back too"));
                    inner.setRollbackOnly();
                });
                nested.executeWithoutResult(inner -> outbox.publish("b"));
                Object savepoint = outer.createSavepoint();
                outbox.publish("c");
                outer.rollbackToSavepoint(savepoint);
                outbox.publish("d");
            });
            assertThat(beans.published()).containsExactly("a", "b", "d");
            assertThat(outbox.ends).containsExactly("committed");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void takesEventsFromEveryCallbackBeforeTheCommit(String kind) {
        with(kind, (outbox, beans) -> {
            beans.tx().executeWithoutResult(status -> {
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void beforeCommit(boolean readOnly) {
                        outbox.publish("first, in beforeCommit");
                    }

                    @Override
                    public void beforeCompletion() {
                        outbox.publish("in beforeCompletion");
                    }
                });
            });
            assertThat(beans.published()).containsExactly("first, in beforeCommit", "in beforeCompletion");
        });
    }

    @Test
    void flushesEntitiesAndPublishesWhatTheirListenersPublish() {
        with("jpa", (outbox, beans) -> {
            beans.sql().update("INSERT INTO account VALUES (1, 10)");
            Account.LISTENERS.add(account -> outbox.publish("balance " + account.balance));
            beans.tx().executeWithoutResult(status -> {
                beans.entities().find(Account.class, 1L).balance = 25;
                outbox.publish("first");
            });
            assertThat(beans.published()).containsExactly("first", "balance 25");
            assertThat(beans.sql().queryForList("SELECT seen FROM outbox", Integer.class))
                    .as("the entity was flushed before the outbox was written")
                    .containsOnly(25);
        });
    }

    @Test
    void takesAFirstEventFromTheFlushOfTheCommitItself() {
        with("jpa", (outbox, beans) -> {
            beans.sql().update("INSERT INTO account VALUES (1, 10)");
            Account.LISTENERS.add(account -> outbox.publish("balance " + account.balance));
            beans.tx().executeWithoutResult(status -> beans.entities().find(Account.class, 1L).balance = 25);
            assertThat(beans.published()).containsExactly("balance 25");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void rollsBackIfTheOutboxCanNotBeWritten(String kind) {
        with(kind, (outbox, beans) -> {
            beans.sql().execute("ALTER TABLE outbox ADD CHECK (text <> 'bad')");
            assertThatThrownBy(() -> beans.tx().executeWithoutResult(status -> {
                        beans.sql().update("INSERT INTO account VALUES (1, 10)");
                        outbox.publish("bad");
                    }))
                    .hasStackTraceContaining("violates check constraint");
            assertThat(beans.sql().queryForObject("SELECT count(*) FROM account", Long.class))
                    .isZero();
            assertThat(outbox.ends).containsExactly("rolled back");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void runsHandlersInATransactionThatRepositoriesJoin(String kind) {
        with(kind, (outbox, beans) -> {
            inNew(beans, transaction -> {
                beans.sql().update("INSERT INTO account VALUES (1, 10)");
                outbox.publish("a");
                assertThat(transaction.connection().getTransactionIsolation())
                        .isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
                assertThat(transaction.connection().getAutoCommit()).isFalse();
                assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                        .isTrue();
                return true;
            });
            assertThat(beans.published()).containsExactly("a");

            inNew(beans, transaction -> {
                beans.sql().update("INSERT INTO account VALUES (2, 10)");
                return false;
            });
            IllegalStateException mine = new IllegalStateException("mine");
            assertThatThrownBy(() -> beans.transactions().inNew(transaction -> {
                        beans.sql().update("INSERT INTO account VALUES (3, 10)");
                        throw mine;
                    }))
                    .isSameAs(mine);
            assertThat(beans.sql().queryForList("SELECT id FROM account", Long.class))
                    .containsExactly(1L);

            assertThatThrownBy(() -> beans.transactions().inNew(transaction -> {
                        beans.tx().executeWithoutResult(inner -> inner.setRollbackOnly());
                        return true;
                    }))
                    .as("a swallowed rollback of the application is a failure")
                    .isInstanceOf(org.springframework.transaction.UnexpectedRollbackException.class);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void setsReadCommittedWhereConnectionsComeWithSomethingElse(String kind) {
        (kind.equals("jpa") ? jpa : jdbc)
                .withPropertyValues("spring.datasource.hikari.transaction-isolation=TRANSACTION_SERIALIZABLE")
                .run(context -> {
                    SpringJdbcTransactions transactions = context.getBean(SpringJdbcTransactions.class);
                    try {
                        transactions.inNew(transaction -> {
                            assertThat(transaction.connection().getTransactionIsolation())
                                    .isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
                            return true;
                        });
                    } catch (Throwable e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "jpa"})
    void canBeAbortedFromAnotherThread(String kind) {
        with(kind, (outbox, beans) -> {
            assertThatThrownBy(() -> beans.transactions().inNew(transaction -> {
                        beans.sql().update("INSERT INTO account VALUES (1, 10)");
                        Connection connection = transaction.connection();
                        try (var executor = Executors.newSingleThreadExecutor()) {
                            executor.submit(() -> {
                                        connection.abort(Runnable::run);
                                        return true;
                                    })
                                    .get();
                        }
                        return true;
                    }))
                    .satisfies(error -> assertThat(sqlState(error)).startsWith("08"));
            assertThat(beans.sql().queryForObject("SELECT count(*) FROM account", Long.class))
                    .as("nothing is left, and the pool has replaced the connection")
                    .isZero();
        });
    }

    @Test
    void refusesATransactionManagerThatNobodyWatches() {
        with("jdbc", (outbox, beans) -> {
            TransactionTemplate unseen = new TransactionTemplate(
                    new DataSourceTransactionManager(beans.transactions().dataSource()));
            assertThatThrownBy(() -> unseen.executeWithoutResult(status -> outbox.publish("a")))
                    .isInstanceOf(NoTransactionException.class);
        });
    }

    @Test
    void refusesATransactionManagerWithoutADatabase() {
        assertThatThrownBy(() -> new SpringJdbcTransactions(
                        new org.springframework.transaction.jta.JtaTransactionManager(), PersistenceContexts.NONE))
                .hasMessageContaining("JtaTransactionManager")
                .hasMessageContaining("expected: a DataSourceTransactionManager");
    }

    private static void inNew(Beans beans, io.amends.jdbc.JdbcTransactions.Body body) {
        try {
            beans.transactions().inNew(body);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static String sqlState(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "none";
    }
}
