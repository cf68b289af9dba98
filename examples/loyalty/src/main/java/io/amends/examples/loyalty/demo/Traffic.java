package io.amends.examples.loyalty.demo;

import io.amends.examples.loyalty.shop.Orders;
import io.amends.examples.loyalty.shop.Users;
import java.math.BigDecimal;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Customers of a shop, played by one virtual thread: it creates users and then orders, pays nine of ten, and cancels
 * one of ten that were paid. One run at a time; it ends with the application.
 */
@Component
class Traffic implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);
    private static final List<String> REGIONS = List.of("north", "east", "south", "west");

    private final Users users;
    private final Orders orders;
    private final AtomicReference<@Nullable Thread> running = new AtomicReference<>();

    Traffic(Users users, Orders orders) {
        this.users = users;
        this.orders = orders;
    }

    /**
     * What a run does.
     *
     * @param prefix what the ids of its users and orders begin with
     * @param users users to create
     * @param orders orders to create after that
     * @param rate users or orders a second
     */
    record Plan(String prefix, int users, int orders, int rate) {
        /** About how long it takes, if the machine keeps up. */
        public long getSeconds() {
            return Math.ceilDiv(users + orders, rate);
        }
    }

    /** Starts a run; false if one is running. */
    boolean start(Plan plan) {
        Thread thread = Thread.ofVirtual().name("demo").unstarted(() -> play(plan));
        if (!running.compareAndSet(null, thread)) {
            return false;
        }
        thread.start();
        return true;
    }

    @Override
    public void destroy() throws InterruptedException {
        Thread thread = running.get();
        if (thread != null) {
            thread.interrupt();
            thread.join(TimeUnit.SECONDS.toMillis(5));
        }
    }

    private void play(Plan plan) {
        int failed = 0;
        long begin = System.nanoTime();
        int steps = plan.users() + plan.orders();
        try {
            for (int step = 0; step < steps && !Thread.currentThread().isInterrupted(); step++) {
                LockSupport.parkNanos(begin + TimeUnit.SECONDS.toNanos(step) / plan.rate() - System.nanoTime());
                failed += step(plan, step) ? 0 : 1;
            }
            LOG.info("demo {} ended: {} steps, {} of them failed", plan.prefix(), steps, failed);
        } finally {
            running.set(null);
        }
    }

    private boolean step(Plan plan, int step) {
        try {
            if (step < plan.users()) {
                users.create(plan.prefix() + "-u" + step, "Customer " + step, REGIONS.get(step % REGIONS.size()));
            } else {
                order(plan, step - plan.users());
            }
            return true;
        } catch (RuntimeException e) {
            LOG.warn("demo {} could not do step {}", plan.prefix(), step, e);
            return false;
        }
    }

    private void order(Plan plan, int number) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String user = plan.prefix() + "-u" + random.nextInt(plan.users());
        String order = plan.prefix() + "-o" + number;
        orders.create(order, user, BigDecimal.valueOf(random.nextInt(1, 200)));
        if (random.nextInt(10) < 9) {
            orders.pay(order);
            if (random.nextInt(10) == 0) {
                orders.cancel(order);
            }
        }
    }
}
