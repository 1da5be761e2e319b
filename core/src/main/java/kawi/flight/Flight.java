package kawi.flight;

import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Events for those who record. Each method begins one, or gives null while nobody has started the recorder in this
 * process.
 *
 * <p>The first event class of a process that is initialized starts the recorder itself, which takes longer than a small
 * model needs to load and answer. So nobody may name an event class but through here; asking whether the recorder runs
 * costs nothing of that kind.
 */
public final class Flight {

    private Flight() {}

    public static @Nullable LoadEvent load() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        LoadEvent event = new LoadEvent();
        event.begin();
        return event;
    }

    public static @Nullable PrefillEvent prefill() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        PrefillEvent event = new PrefillEvent();
        event.begin();
        return event;
    }

    public static @Nullable DecodeEvent decode() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        DecodeEvent event = new DecodeEvent();
        event.begin();
        return event;
    }

    public static @Nullable SnapshotEvent snapshot() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        SnapshotEvent event = new SnapshotEvent();
        event.begin();
        return event;
    }

    public static @Nullable CacheEvent cache() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        CacheEvent event = new CacheEvent();
        event.begin();
        return event;
    }
}
