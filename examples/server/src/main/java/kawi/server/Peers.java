package kawi.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Notices that clients close their connections while they wait for an answer.
 *
 * <p>A server learns that a client has gone away when it reads from the connection or writes to it. While an answer is
 * being generated that is not streamed, it does neither, and {@code com.sun.net.httpserver} gives no access to the
 * connection. On Linux, however, the kernel's tables of connections, {@code /proc/self/net/tcp} and {@code tcp6}, tell:
 * a connection that the client has closed is in state {@code CLOSE_WAIT}, one that was reset is not listed any more.
 * They are read ten times a second while there are clients to watch; less often if they are so long that this would
 * take more than a twentieth of the time of a processor. On other systems, and for clients that are not in the tables,
 * this class does nothing, and the departure is noticed at the next write.
 *
 * <p>A client that closes its half of the connection after the request counts as gone, as it does for most servers.
 */
final class Peers implements AutoCloseable {

    private static final List<Path> TABLES = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));
    private static final boolean SUPPORTED = Files.isReadable(TABLES.getFirst());
    private static final String CLOSE_WAIT = "08";
    /** The prefix of IPv4 addresses among those of IPv6, in the table's notation on this processor. */
    private static final String MAPPED = hex(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1});

    private static final long INTERVAL_NANOS = 100_000_000;
    private static final int MAX_SHARE = 20;
    /** How many readings must lack a connection that was listed; a table may change while it is read. */
    private static final int MISSING_READINGS = 2;

    private final Map<String, Peer> peers = new ConcurrentHashMap<>();
    private final Thread thread;
    private final AtomicLong readings = new AtomicLong();
    private volatile boolean closed;

    Peers() {
        thread = Thread.ofPlatform().daemon().name("kawi-server-peers").start(this::run);
    }

    /** A client that is being watched, until this object is closed. */
    final class Peer implements AutoCloseable {

        private final List<String> keys;
        private final Runnable gone;
        private boolean listed;
        private int missing;
        private boolean over;

        private Peer(List<String> keys, Runnable gone) {
            this.keys = keys;
            this.gone = gone;
        }

        private synchronized void observe(boolean present, boolean closing) {
            if (present) {
                listed = true;
                missing = 0;
            } else {
                missing++;
            }
            if (!over && listed && (closing || missing >= MISSING_READINGS)) {
                over = true;
                gone.run();
            }
        }

        /** Ends the watch. The callback does not run after this method returns. */
        @Override
        public void close() {
            keys.forEach(key -> peers.remove(key, this));
            synchronized (this) {
                over = true;
            }
        }
    }

    /**
     * Watches a client.
     *
     * @param gone called once if the client closes the connection; it must not block
     */
    Peer watch(InetSocketAddress local, InetSocketAddress remote, Runnable gone) {
        Peer peer = new Peer(keys(local, remote), gone);
        if (!SUPPORTED) {
            return peer;
        }
        boolean first = peers.isEmpty();
        peer.keys.forEach(key -> peers.put(key, peer));
        if (first) {
            LockSupport.unpark(thread);
        }
        return peer;
    }

    private void run() {
        long pause = INTERVAL_NANOS;
        while (!closed) {
            if (peers.isEmpty()) {
                LockSupport.park(this);
                continue;
            }
            LockSupport.parkNanos(this, pause);
            long begun = System.nanoTime();
            read();
            readings.incrementAndGet();
            pause = Math.max(INTERVAL_NANOS, MAX_SHARE * (System.nanoTime() - begun));
        }
    }

    private void read() {
        Set<Peer> watched = new HashSet<>(peers.values());
        Set<Peer> present = new HashSet<>();
        Set<Peer> closing = new HashSet<>();
        for (Path table : TABLES) {
            try {
                Files.readString(table, StandardCharsets.ISO_8859_1)
                        .lines()
                        .skip(1)
                        .forEach(line -> {
                            String[] fields = line.strip().split("\\s+", 5);
                            Peer peer = fields.length < 5 ? null : peers.get(fields[1] + ' ' + fields[2]);
                            if (peer != null) {
                                present.add(peer);
                                if (fields[3].equals(CLOSE_WAIT)) {
                                    closing.add(peer);
                                }
                            }
                        });
            } catch (NoSuchFileException e) {
                // a system without IPv6
            } catch (IOException e) {
                return; // says nothing about a connection
            }
        }
        watched.forEach(peer -> peer.observe(present.contains(peer), closing.contains(peer)));
    }

    /** Returns how often the tables have been read. */
    long readings() {
        return readings.get();
    }

    /** Returns the forms in which a connection may be listed. */
    static List<String> keys(InetSocketAddress local, InetSocketAddress remote) {
        InetAddress from = local.getAddress();
        InetAddress to = remote.getAddress();
        String ports = ":%04X";
        String here = hex(from.getAddress()) + ports.formatted(local.getPort());
        String there = hex(to.getAddress()) + ports.formatted(remote.getPort());
        return from.getAddress().length == 4
                ? List.of(here + ' ' + there, MAPPED + here + ' ' + MAPPED + there)
                : List.of(here + ' ' + there);
    }

    /** The kernel prints an address as 32-bit words in the byte order of the processor. */
    private static String hex(byte[] address) {
        StringBuilder text = new StringBuilder();
        for (int word = 0; word < address.length; word += 4) {
            for (int i = 0; i < 4; i++) {
                int at = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? word + 3 - i : word + i;
                text.append("%02X".formatted(address[at]));
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
