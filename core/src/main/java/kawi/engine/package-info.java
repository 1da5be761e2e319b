/** The loaded model: sequences, snapshots, generation, caches and conversations. */
@NullMarked
package kawi.engine;

import org.jspecify.annotations.NullMarked;
