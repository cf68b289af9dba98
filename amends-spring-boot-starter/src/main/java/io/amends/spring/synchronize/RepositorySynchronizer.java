package io.amends.spring.synchronize;

import io.amends.api.EntitySynchronizer;
import io.amends.core.publish.EventDescription;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.data.repository.CrudRepository;

/**
 * Keeps local entities in a Spring Data repository: a subclass says only how a snapshot is mapped.
 *
 * <pre>{@code
 * @Component
 * @EventProcessor(name = "users")
 * class LocalUsers extends RepositorySynchronizer<UserSnapshot, LocalUser, String> {
 *     LocalUsers(LocalUserRepository repository) {
 *         super(repository, key -> key);
 *     }
 *
 *     @Override
 *     protected LocalUser map(UserSnapshot snapshot, @Nullable LocalUser local) {
 *         LocalUser user = local == null ? new LocalUser(snapshot.id()) : local;
 *         user.name = snapshot.name();
 *         return user;
 *     }
 * }
 * }</pre>
 *
 * <p>A member of the local entity with {@link io.amends.api.EventVersion} is taken for its version; {@link #map} sets it.
 *
 * @param <S> the snapshot
 * @param <L> the local entity
 * @param <I> its id
 */
public abstract class RepositorySynchronizer<S, L, I> extends EntitySynchronizer<S, L> {
    private final CrudRepository<L, I> repository;
    private final Function<String, I> id;

    /**
     * Creates it.
     *
     * @param repository where the local entities are
     * @param id the local id of an entity's key
     */
    protected RepositorySynchronizer(CrudRepository<L, I> repository, Function<String, I> id) {
        this.repository = repository;
        this.id = id;
    }

    @Override
    protected @Nullable L find(String key) {
        return repository.findById(id.apply(key)).orElse(null);
    }

    @Override
    protected void create(L local) {
        repository.save(local);
    }

    @Override
    protected void update(L local) {
        repository.save(local);
    }

    @Override
    protected void delete(L local) {
        repository.delete(local);
    }

    @Override
    protected @Nullable Long version(L local) {
        return EventDescription.of(local.getClass()).version(local);
    }

    /** The keys of all local entities, if {@link #key} is overridden; reads them all. */
    @Override
    public Stream<String> localKeys() {
        return StreamSupport.stream(repository.findAll().spliterator(), false)
                .map(this::key)
                .flatMap(Stream::ofNullable);
    }

    /** The key of a local entity, for a resync of all; null (the default) leaves it alone. */
    protected @Nullable String key(L local) {
        return null;
    }
}
