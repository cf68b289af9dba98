package io.amends.spring;

import io.amends.core.operate.OperatorStore;
import io.amends.core.store.Store;
import io.amends.jdbc.JdbcTransactions;
import io.amends.jdbc.PostgresOperatorStore;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import io.amends.jdbc.SchemaName;
import io.amends.spring.change.ChangeCollector;
import io.amends.spring.lifecycle.DatabaseWait;
import io.amends.spring.lifecycle.EngineConnections;
import io.amends.spring.settings.AmendsProperties;
import io.amends.spring.transaction.JpaPersistenceContexts;
import io.amends.spring.transaction.PersistenceContexts;
import io.amends.spring.transaction.SpringJdbcTransactions;
import io.amends.spring.transaction.TransactionManagers;
import jakarta.persistence.EntityManagerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Configures the store on the application's database: its transaction manager, its tables, its connections. An
 * application with a {@link Store} bean of its own needs none of that.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
            "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
            "org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration"
        })
@ConditionalOnClass({Store.class, JdbcTransactions.class})
@ConditionalOnMissingBean(Store.class)
@ConditionalOnBooleanProperty(name = "amends.enabled", matchIfMissing = true)
@EnableConfigurationProperties(AmendsProperties.class)
public final class AmendsStoreAutoConfiguration {

    @Bean
    static TransactionManagers amendsTransactionManagers() {
        return new TransactionManagers();
    }

    @Bean
    SpringJdbcTransactions amendsTransactions(
            ObjectProvider<PlatformTransactionManager> managers,
            ObjectProvider<PersistenceContexts> contexts,
            ObjectProvider<ChangeCollector> changes) {
        PlatformTransactionManager manager = managers.getIfUnique();
        if (manager == null) {
            boolean none = managers.stream().findAny().isEmpty();
            throw new SetupException(
                    none
                            ? "Amends needs a database, and the application has no transaction manager."
                            : "The application has several transaction managers, and none is primary.",
                    none
                            ? "Set spring.datasource.url to a PostgreSQL database and add spring-boot-starter-jdbc or"
                                    + " spring-boot-starter-data-jpa; or set amends.enabled=false."
                            : "Annotate the one that Amends' tables belong to with @Primary.");
        }
        PersistenceContexts written = contexts.getIfAvailable(() -> PersistenceContexts.NONE);
        ChangeCollector collector = changes.getIfAvailable();
        return new SpringJdbcTransactions(
                manager,
                collector == null
                        ? written
                        : () -> {
                            written.flush();
                            collector.publishCollected();
                        });
    }

    @Bean
    EngineConnections amendsConnections(SpringJdbcTransactions transactions, AmendsProperties properties) {
        return EngineConnections.of(
                transactions.dataSource(),
                properties.datasource().ownPool(),
                properties.datasource().poolSize());
    }

    /** After the application's own migrations, which may give the rights that ours need. */
    @Bean
    @DependsOnDatabaseInitialization
    PostgresStore amendsStore(
            SpringJdbcTransactions transactions, EngineConnections connections, AmendsProperties properties) {
        TablesCheck tables = new TablesCheck(transactions.dataSource(), properties.schema());
        PostgresStore store = new PostgresStore(new PostgresStoreSettings(
                tables.schemaName(),
                transactions,
                connections.dataSource(),
                properties.datasource().listen()));
        new DatabaseWait(properties.startTimeout())
                .until(
                        () -> {
                            tables.run();
                            return store;
                        },
                        store::isUnavailable);
        return store;
    }

    /** On the engine's connections and its tables, so after the store that has checked them. */
    @Bean
    @ConditionalOnMissingBean
    OperatorStore amendsOperatorStore(PostgresStore store, EngineConnections connections, AmendsProperties properties) {
        return new PostgresOperatorStore(
                connections.dataSource(), new SchemaName(properties.schema().name()));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({EntityManagerFactory.class, JpaTransactionManager.class})
    static class Jpa {
        @Bean
        @ConditionalOnMissingBean(PersistenceContexts.class)
        JpaPersistenceContexts amendsPersistenceContexts(ObjectProvider<EntityManagerFactory> factories) {
            return new JpaPersistenceContexts(() -> factories.orderedStream().toList());
        }
    }
}
