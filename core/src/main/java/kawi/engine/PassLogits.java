package kawi.engine;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kawi.architecture.Decoder;
import kawi.architecture.Outputs;
import kawi.kernels.Activations;

/** Computes the logits that the requests of a pass ask for, in one product. */
final class PassLogits {

    private final Decoder decoder;
    private final Outputs outputs = new Outputs();

    PassLogits(Decoder decoder) {
        this.decoder = decoder;
    }

    /** Computes logits for the requests that the pass has completed, and copies them to the requests. */
    void compute(List<PassRequest> pass) {
        try {
            for (int i = 0; i < pass.size(); i++) {
                PassRequest r = pass.get(i);
                if (r.logits != null && r.completes()) {
                    int first = r.firstOutput < 0 ? r.state.outputs() - 1 : r.firstOutput;
                    for (int output = first; output < first + r.outputs; output++) {
                        outputs.add(r.state, output);
                    }
                }
            }
            if (outputs.count() > 0) {
                copy(decoder.logits(outputs), pass);
            }
        } finally {
            outputs.clear();
        }
    }

    private void copy(Activations logits, List<PassRequest> pass) {
        int width = decoder.vocabularySize();
        long row = 0;
        for (int i = 0; i < pass.size(); i++) {
            PassRequest r = pass.get(i);
            if (r.logits != null && r.completes()) {
                MemorySegment.copy(
                        logits.floats(), JAVA_FLOAT, row * width * Float.BYTES, r.logits, 0, r.outputs * width);
                row += r.outputs;
            }
        }
    }
}
