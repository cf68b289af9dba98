package io.amends.simulation;

import io.amends.core.runtime.AmendsEngine;
import io.amends.testkit.time.VirtualConductor;
import java.util.ArrayList;
import java.util.List;

/** A process with an engine: from its start to its crash or shutdown. */
final class SimNode {
    private final World world;
    private final String name;
    private final List<String> types;
    private final VirtualConductor conductor;
    private final List<AutoCloseable> atEnd = new ArrayList<>();
    private final AmendsEngine engine;
    private final FaultyStore store;
    private boolean started;
    private boolean stopping;

    SimNode(World world, String name, List<String> types) {
        this.world = world;
        this.name = name;
        this.types = types;
        this.conductor = world.loop.conductor(name);
        conductor.onError(world::heard);
        store = new FaultyStore(world.target, world, this);
        engine = AmendsEngine.builder(world.variant.above().apply(store))
                .settings(world.plan.engineSettings(name, types.toString()))
                .codec(world.codec)
                .errors(new PlainErrors())
                .processors(world.plan.definitions(types, (plan, type) -> new ScriptedHandler(world, this, plan)))
                .conductor(conductor)
                .build();
    }

    String name() {
        return name;
    }

    List<String> types() {
        return types;
    }

    VirtualConductor conductor() {
        return conductor;
    }

    AmendsEngine engine() {
        return engine;
    }

    FaultyStore store() {
        return store;
    }

    boolean isUp() {
        return started && !stopping && !isGone();
    }

    boolean isGone() {
        return conductor.isDropped();
    }

    void trace(String what) {
        world.trace.add(name, what);
    }

    void atEnd(AutoCloseable closeable) {
        atEnd.add(closeable);
    }

    /** Runs a piece of the application on this node. */
    void run(String what, Runnable task) {
        conductor.submit(what, conductor.group(what, 1), task);
    }

    void start() {
        trace("starts " + types);
        run("start", () -> {
            try {
                engine.start();
                started = true;
            } catch (io.amends.core.store.StoreUnavailableException e) {
                crash("at its start");
            }
        });
    }

    /** Stops in order, and is replaced. */
    void restart() {
        stopping = true;
        world.count("shutdown");
        trace("shuts down");
        run("shutdown", () -> {
            engine.close();
            trace("is down");
            end();
        });
    }

    /** Stops in order if it works, else it dies. */
    void retire() {
        if (isUp()) {
            restart();
        } else if (!isGone() && !stopping) {
            trace("is ended");
            end();
        }
    }

    /** Dies; called from one of its own tasks it unwinds that, too. */
    void crash(String when) {
        requireAlive();
        world.count("crash");
        trace("crashes " + when);
        end();
        requireAlive();
    }

    private void end() {
        conductor.drop();
        for (AutoCloseable closeable : atEnd) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        world.ended(this);
    }

    void requireAlive() {
        if (conductor.isDropped()) {
            throw new VirtualConductor.Dropped(name);
        }
    }
}
