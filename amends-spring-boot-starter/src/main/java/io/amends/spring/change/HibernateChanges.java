package io.amends.spring.change;

import io.amends.core.define.InvalidDefinitionException;
import io.amends.spring.change.Change.Kind;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.metamodel.EntityType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.PostDeleteEvent;
import org.hibernate.event.spi.PostDeleteEventListener;
import org.hibernate.event.spi.PostInsertEvent;
import org.hibernate.event.spi.PostInsertEventListener;
import org.hibernate.event.spi.PostUpdateEvent;
import org.hibernate.event.spi.PostUpdateEventListener;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Hears from Hibernate of each write of an entity with {@link io.amends.api.PublishChanges}. It listens as soon as there
 * is an EntityManagerFactory, and only if one of its entities is followed.
 */
public final class HibernateChanges implements BeanPostProcessor, FollowedEntities {
    private final Supplier<ChangeCollector> collector;
    private final Set<EntityManagerFactory> known = ConcurrentHashMap.newKeySet();
    private volatile boolean followsEntities;

    /** Creates it; the collector is asked for at the first change. */
    public HibernateChanges(Supplier<ChangeCollector> collector) {
        this.collector = collector;
    }

    @Override
    public boolean exist() {
        return followsEntities;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof EntityManagerFactory factory && known.add(factory)) {
            follow(factory);
        }
        return bean;
    }

    private void follow(EntityManagerFactory factory) {
        List<String> mistakes = new ArrayList<>();
        boolean follows = false;
        for (EntityType<?> entity : factory.getMetamodel().getEntities()) {
            mistakes.addAll(EntitySnapshots.mistakes(entity.getJavaType()));
            follows |= EntitySnapshots.isFollowed(entity.getJavaType());
        }
        if (!mistakes.isEmpty()) {
            throw new InvalidDefinitionException(mistakes.stream().sorted().toList());
        }
        if (follows) {
            EventListenerRegistry registry = factory.unwrap(SessionFactoryImplementor.class)
                    .getEventEngine()
                    .getListenerRegistry();
            Listener listener = new Listener();
            registry.appendListeners(org.hibernate.event.spi.EventType.POST_INSERT, listener);
            registry.appendListeners(org.hibernate.event.spi.EventType.POST_UPDATE, listener);
            registry.appendListeners(org.hibernate.event.spi.EventType.POST_DELETE, listener);
            followsEntities = true;
        }
    }

    private final class Listener implements PostInsertEventListener, PostUpdateEventListener, PostDeleteEventListener {
        private final EntitySnapshots snapshots = new EntitySnapshots();

        @Override
        public void onPostInsert(PostInsertEvent event) {
            add(Kind.CREATED, snapshots.of(event.getEntity()));
        }

        @Override
        public void onPostUpdate(PostUpdateEvent event) {
            add(Kind.CHANGED, snapshots.of(event.getEntity()));
        }

        @Override
        public void onPostDelete(PostDeleteEvent event) {
            add(Kind.DELETED, snapshots.of(event.getEntity()));
        }

        private void add(Kind kind, @Nullable Object snapshot) {
            if (snapshot != null) {
                Change change = Change.of(kind, snapshot);
                collector.get().add(kind == Kind.DELETED ? change.withNextVersion() : change);
            }
        }

        @Override
        public boolean requiresPostCommitHandling(EntityPersister persister) {
            return false;
        }
    }
}
