package kawi.server;

import java.time.Duration;

/**
 * What clients may demand of a {@link Server}. Objects are immutable: each method returns a new one.
 *
 * @param connections how many requests may be received and answered at the same time. The connection of a request
 *     beyond this is closed
 * @param answers how many answers may be generated, or wait in a model's queue, at the same time. A request beyond this
 *     is refused with status 429. How many of them run and how many wait is the model's decision, see
 *     {@link kawi.ModelLoader#concurrency}, which may refuse some earlier
 * @param headerBytes the size of a request's line and header fields, in bytes; beyond it, the status is 431
 * @param bodyBytes the size of a request's body, in bytes; beyond it, the status is 413. The bodies of all requests
 *     together may have eight times this size; beyond that, the status is 503
 * @param receiveTime the time in which the header of a request, and after it the body, must arrive completely; the
 *     connection is closed otherwise
 * @param writeTime how long the client may let the server wait while a response is written, beyond a second for every
 *     64 KiB; the answer is cancelled and the connection closed otherwise
 * @param keepAlive after how long without an event a comment is written to a stream of events
 * @param shutdownTime how long {@link Server#close} waits for answers before it cancels them
 */
public record Limits(
        int connections,
        int answers,
        int headerBytes,
        int bodyBytes,
        Duration receiveTime,
        Duration writeTime,
        Duration keepAlive,
        Duration shutdownTime) {

    private static final Limits DEFAULTS = new Limits(
            512,
            128,
            32 << 10,
            16 << 20,
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30));

    /**
     * Creates limits.
     *
     * @throws IllegalArgumentException if a value other than {@code shutdownTime} is not positive
     */
    public Limits {
        positive("connections", connections);
        positive("answers", answers);
        positive("headerBytes", headerBytes);
        positive("bodyBytes", bodyBytes);
        positive("receiveTime", receiveTime);
        positive("writeTime", writeTime);
        positive("keepAlive", keepAlive);
        if (shutdownTime.isNegative()) {
            throw new IllegalArgumentException(
                    "shutdownTime is %s, expected no negative duration".formatted(shutdownTime));
        }
    }

    private static void positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException("%s is %d, expected a positive number".formatted(name, value));
        }
    }

    private static void positive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException("%s is %s, expected a positive duration".formatted(name, value));
        }
    }

    /**
     * Returns the default limits: 512 connections, 128 answers, 32 KiB of header, 16 MiB of body, 30 seconds for
     * receiving, writing and shutting down, and a comment after 10 seconds.
     */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /** Returns limits with another number of {@link #connections}. */
    public Limits connections(int value) {
        return new Limits(value, answers, headerBytes, bodyBytes, receiveTime, writeTime, keepAlive, shutdownTime);
    }

    /** Returns limits with another number of {@link #answers}. */
    public Limits answers(int value) {
        return new Limits(connections, value, headerBytes, bodyBytes, receiveTime, writeTime, keepAlive, shutdownTime);
    }

    /** Returns limits with other {@link #headerBytes}. */
    public Limits headerBytes(int value) {
        return new Limits(connections, answers, value, bodyBytes, receiveTime, writeTime, keepAlive, shutdownTime);
    }

    /** Returns limits with other {@link #bodyBytes}. */
    public Limits bodyBytes(int value) {
        return new Limits(connections, answers, headerBytes, value, receiveTime, writeTime, keepAlive, shutdownTime);
    }

    /** Returns limits with another {@link #receiveTime}. */
    public Limits receiveTime(Duration value) {
        return new Limits(connections, answers, headerBytes, bodyBytes, value, writeTime, keepAlive, shutdownTime);
    }

    /** Returns limits with another {@link #writeTime}. */
    public Limits writeTime(Duration value) {
        return new Limits(connections, answers, headerBytes, bodyBytes, receiveTime, value, keepAlive, shutdownTime);
    }

    /** Returns limits with another {@link #keepAlive}. */
    public Limits keepAlive(Duration value) {
        return new Limits(connections, answers, headerBytes, bodyBytes, receiveTime, writeTime, value, shutdownTime);
    }

    /** Returns limits with another {@link #shutdownTime}. */
    public Limits shutdownTime(Duration value) {
        return new Limits(connections, answers, headerBytes, bodyBytes, receiveTime, writeTime, keepAlive, value);
    }
}
