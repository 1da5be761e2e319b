package kawi.flight;

import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Creates events for JDK Flight Recorder. Each method begins an event, or returns null if the recorder is not
 * initialized in this process.
 *
 * <p>Initializing the first event class of a process initializes the recorder, which takes longer than loading and
 * running a small model. Therefore event classes must be used only through this class; checking whether the recorder is
 * initialized does not initialize it.
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

    public static @Nullable EncodeEvent encode() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        EncodeEvent event = new EncodeEvent();
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
