package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Objects;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.TierChoice;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The trained prediction layer of the demo model against the drafts that the reference computed with it. */
class DemoDraftsTest {

    private static final Path DEMO = Path.of("../examples/demo-model/src");

    @Test
    void draftsAreThoseOfTheReference() {
        JsonNode reference = JsonMapper.shared()
                .readTree(
                        DEMO.resolve("test/resources/kawi/demo/reference.json").toFile());
        int drafts = 0;
        int equal = 0;
        int accepted = 0;
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(1);
                Checkpoint checkpoint = Checkpoint.open(DEMO.resolve("main/resources/kawi/demo/demo-q8_0.gguf"))) {
            Blueprint blueprint = Architectures.read(checkpoint);
            Compute compute = new Compute(TierChoice.chosen().kernels(arena), pool);
            try (Decoder decoder = blueprint.bind(compute, KvFormats.of(blueprint.usualKvFormat()), arena)) {
                DraftHead head = Objects.requireNonNull(decoder.draftHead());
                int[] id = new int[1];
                for (JsonNode prompt : reference.get("prompts")) {
                    int[] greedy = ids(prompt.get("greedy"));
                    int[] expected = ids(prompt.get("mtp_drafts"));
                    try (SequenceState sequence = decoder.newSequence()) {
                        sequence.guessing(true);
                        Runs.append(decoder, sequence, ids(prompt.get("ids")));
                        for (int i = 0; i < expected.length; i++) {
                            head.guess(new Guesses().add(sequence, greedy[i], 1, id, new float[1]), () -> false);
                            drafts++;
                            equal += id[0] == expected[i] ? 1 : 0;
                            accepted += i + 1 < greedy.length && id[0] == greedy[i + 1] ? 1 : 0;
                            Runs.append(decoder, sequence, greedy[i]);
                        }
                    }
                }
            }
        }
        String found = "%d drafts, %d as in the reference, %d accepted".formatted(drafts, equal, accepted);
        // The reference has float weights; a few of the best two logits are almost equal.
        assertTrue(drafts >= 200 && equal >= 0.97 * drafts && accepted >= 0.88 * drafts, found);
    }

    private static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).intValue();
        }
        return ids;
    }
}
