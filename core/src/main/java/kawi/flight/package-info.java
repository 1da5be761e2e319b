/**
 * The events of Kawi for JDK Flight Recorder: {@code kawi.Load}, {@code kawi.Prefill}, {@code kawi.Decode},
 * {@code kawi.Encode}, {@code kawi.Snapshot} and {@code kawi.Cache}. {@link kawi.flight.Flight} creates them.
 */
@NullMarked
package kawi.flight;

import org.jspecify.annotations.NullMarked;
