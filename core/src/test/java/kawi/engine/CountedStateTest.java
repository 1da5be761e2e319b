package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kawi.architecture.Batch;
import kawi.architecture.Decoder;
import kawi.architecture.SequenceState;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import org.junit.jupiter.api.Test;

/** The memory counted for a state that changes. */
class CountedStateTest {

    /** Steps, guesses taken back, and other states; parts are shared with snapshots. */
    @Test
    void countingAfterEveryStepGivesWhatARecountGives() {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(1);
                Checkpoint checkpoint = Checkpoint.open(Fixture.path(Fixture.F32_GGUF));
                Decoder decoder = Architectures.read(checkpoint)
                        .bind(
                                new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool),
                                KvFormats.of(KvFormat.F16),
                                arena);
                SequenceState state = decoder.newSequence()) {
            SharedBytes memory = new SharedBytes();
            SharedBytes keysAndValues = new SharedBytes();
            List<SequenceState> states = new ArrayList<>();
            Random random = new Random(6);
            CountedState counted = new CountedState(state, List.of(memory), List.of(keysAndValues));
            for (int step = 0; step < 120; step++) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        states.add(state.fork());
                        append(decoder, state, 1 + random.nextInt(16), 16);
                        counted.update();
                        state.takeBack(random.nextInt(state.revocable() + 1));
                        counted.update();
                    }
                    case 1 -> {
                        state.assign(states.isEmpty() ? state : states.get(random.nextInt(states.size())));
                        counted.recount();
                    }
                    default -> {
                        append(decoder, state, 1 + random.nextInt(300), 0);
                        counted.update();
                    }
                }
                SharedBytes expected = new SharedBytes();
                expected.add(SharedBytes.Share.of(state));
                assertEquals(expected.total(), memory.total());
                assertEquals(0, memory.totalWithout(expected), "the parts are the same");
                assertTrue(keysAndValues.total() < memory.total());
            }
            counted.remove();
            assertEquals(0, memory.total());
            assertEquals(0, keysAndValues.total());
            states.forEach(SequenceState::close);
        }
    }

    private static void append(Decoder decoder, SequenceState state, int rows, int revocable) {
        decoder.forward(new Batch().add(state, new int[rows], 0, rows, rows, Math.min(rows, revocable)), () -> false);
    }
}
