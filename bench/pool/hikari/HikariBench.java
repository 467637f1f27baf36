// SPDX-License-Identifier: Apache-2.0
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;

/** HikariBench SESSIONS THREADS [SESSIONS THREADS ...]: acquire and release in a loop, after a warm-up. */
public final class HikariBench {
    private static final int TURNS_PER_LOOK = 64;
    private static volatile boolean stop;

    private HikariBench() {}

    private static long processorTime() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime();
    }

    private static long loop(HikariDataSource pool) {
        long turns = 0;
        try {
            while (!stop) {
                for (int turn = 0; turn < TURNS_PER_LOOK; turn++) {
                    Connection connection = pool.getConnection();
                    connection.close();
                }
                turns += TURNS_PER_LOOK;
            }
        } catch (SQLException refused) {
            throw new IllegalStateException(refused);
        }
        return turns;
    }

    /** Turns of all threads in the time given. */
    private static long run(HikariDataSource pool, int threads, long milliseconds) throws InterruptedException {
        stop = false;
        AtomicLong turns = new AtomicLong();
        Thread[] users = new Thread[threads];
        for (int user = 0; user < threads; user++) {
            users[user] = new Thread(() -> turns.addAndGet(loop(pool)));
            users[user].start();
        }
        Thread.sleep(milliseconds);
        stop = true;
        for (Thread user : users) user.join();
        return turns.get();
    }

    private static void measure(int sessions, int threads) throws InterruptedException {
        HikariConfig config = new HikariConfig();
        config.setDataSource(StubSource.create());
        config.setMaximumPoolSize(sessions);
        config.setMinimumIdle(sessions);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            while (pool.getHikariPoolMXBean().getIdleConnections() < sessions) Thread.sleep(10);
            run(pool, threads, 4000);  // Warm-up: what follows is compiled code.
            long processor = processorTime();
            long clock = System.nanoTime();
            long turns = run(pool, threads, 1000);
            double wall = (double) (System.nanoTime() - clock) / turns;
            double cpu = (double) (processorTime() - processor) / turns;
            System.out.printf("hikaricp/sessions:%d/threads:%d %10.1f ns %10.1f ns cpu%n", sessions, threads, wall, cpu);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            measure(Integer.parseInt(arguments[i]), Integer.parseInt(arguments[i + 1]));
        }
        System.exit(0);
    }
}
