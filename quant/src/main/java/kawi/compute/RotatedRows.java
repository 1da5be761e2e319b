package kawi.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import kawi.kernels.Activations;
import kawi.quant.InputRotation;

/** Memory for rotated rows, one after the other for all rotations. */
final class RotatedRows {

    private Activations memory = new Activations(MemorySegment.NULL, MemorySegment.NULL, 0, 0);

    /** The memory as rows for each rotation, because code that runs for every token must not produce garbage. */
    private final Map<InputRotation, Activations> views = new HashMap<>();

    /** At least {@code tokens} rows of the width of {@code rotation}. */
    Activations of(InputRotation rotation, int tokens) {
        Activations view = views.get(rotation);
        if (view == null || view.capacity() < tokens) {
            int width = rotation.width();
            if (!memory.holds(tokens, width)) {
                memory = Activations.allocate(Arena.ofAuto(), tokens, width);
                views.clear();
            }
            view = memory.reshaped(tokens, width);
            views.put(rotation, view);
        }
        return view;
    }
}
