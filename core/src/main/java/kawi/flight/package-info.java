/**
 * What JDK Flight Recorder sees of Kawi: events named {@code kawi.Load}, {@code kawi.Prefill}, {@code kawi.Decode},
 * {@code kawi.Snapshot} and {@code kawi.Cache}. Start at {@link kawi.flight.Flight}.
 */
@NullMarked
package kawi.flight;

import org.jspecify.annotations.NullMarked;
