package kawi.checkpoint;

import java.lang.foreign.Arena;
import java.util.List;
import kawi.ModelFileException;
import kawi.architecture.registry.Architectures;
import kawi.files.Fixture;
import kawi.files.Mutation;
import kawi.tokenizer.TokenizerException;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Damaged model files are understood or refused with a sentence; nothing else happens. */
class CheckpointPropertyTest {

    private static final byte[] GGUF = Fixture.bytes(Fixture.Q8_0_GGUF);

    @Provide
    Arbitrary<List<Mutation>> damage() {
        return Mutation.arbitrary(9000, GGUF.length).list().ofMinSize(1).ofMaxSize(3);
    }

    @Property(tries = 300)
    void damagedFilesAreUnderstoodOrRefused(@ForAll("damage") List<Mutation> damage) {
        try (Arena arena = Arena.ofConfined();
                Checkpoint checkpoint = Checkpoint.of(Mutation.all(damage, GGUF), "damaged.gguf", arena)) {
            Architectures.read(checkpoint).sizes();
            checkpoint.sampling();
            checkpoint.endTokens(checkpoint.tokenizer());
        } catch (ModelFileException | TokenizerException sentence) {
            // as it should be
        }
    }
}
