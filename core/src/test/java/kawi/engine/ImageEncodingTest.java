package kawi.engine;

import static kawi.engine.VisionModel.ask;
import static kawi.engine.VisionModel.picture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import kawi.Cancellation;
import kawi.FinishReason;
import kawi.ImageStats;
import kawi.Part;
import kawi.Progress;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.VideoSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoding of pictures: its progress, and how it is cancelled, shared and cached. */
class ImageEncodingTest {

    @TempDir
    private static Path folder;

    private static VisionModel vision;
    private static LoadedModel model;

    @BeforeAll
    static void load() throws IOException {
        vision = VisionModel.in(folder);
        model = vision.load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Prompt prompt(LoadedModel model, Part.Image... pictures) {
        return model.prompt(List.of(ask("?", pictures)))
                .temperature(0)
                .maxTokens(4)
                .ignoreEnd();
    }

    /** Notified of the blocks through which pictures have passed. */
    private static ReplyListener encoding(Consumer<Progress.Step> blocks) {
        return new ReplyListener() {
            @Override
            public void onText(String piece) {}

            @Override
            public void onProgress(Progress.Step step) {
                if (step.stage() == Progress.Stage.ENCODE) {
                    blocks.accept(step);
                }
            }
        };
    }

    @Test
    void progressIsReportedBlockByBlock() {
        List<String> heard = new ArrayList<>();
        prompt(model, picture(1, 2, 2), picture(2, 2, 2))
                .generate(encoding(
                        step -> heard.add("%s: %d of %d".formatted(step.subject(), step.done(), step.total()))));
        assertEquals(
                List.of("image 1 of 2: 1 of 2", "image 1 of 2: 2 of 2", "image 2 of 2: 1 of 2", "image 2 of 2: 2 of 2"),
                heard);
    }

    @Test
    void aCancelledAnswerEndsWithinABlock() {
        Part.Image photo = picture(3, 4, 4);
        Cancellation handle = new Cancellation();
        List<Long> heard = new ArrayList<>();
        Reply reply = prompt(model, photo).cancelWith(handle).generate(encoding(step -> {
            heard.add(step.done());
            handle.cancel();
        }));
        assertEquals(FinishReason.CANCELLED, reply.finishReason());
        assertEquals(List.of(1L), heard);
        Reply again = prompt(model, photo).generate();
        assertEquals(1, again.stats().images().encoded());
        assertEquals(FinishReason.MAX_TOKENS, again.finishReason());
        Thread.currentThread().interrupt();
        assertEquals(
                FinishReason.CANCELLED,
                prompt(model, picture(4, 4, 4)).generate().finishReason());
        assertTrue(Thread.interrupted());
        assertEquals(
                1, prompt(model, picture(4, 4, 4)).generate().stats().images().encoded());
    }

    /** A film of 20 frames, which cancels an answer when it has been asked for a number of them. */
    private static final class Cancelling implements VideoSource {
        private final Cancellation handle;
        private int left;

        Cancelling(Cancellation handle, int left) {
            this.handle = handle;
            this.left = left;
        }

        @Override
        public int frameCount() {
            return 20;
        }

        @Override
        public double framesPerSecond() {
            return 2;
        }

        @Override
        public Part.Image frame(int index) {
            left--;
            if (left == 0) {
                handle.cancel();
            }
            return picture(index, 2, 2);
        }
    }

    /** Frames are read to recognize the film, and again to encode it; after a cancellation, none is read. */
    @ParameterizedTest
    @ValueSource(ints = {5, 25})
    void aCancelledAnswerReadsNoMoreFrames(int frames) {
        Cancellation handle = new Cancellation();
        Cancelling film = new Cancelling(handle, frames);
        Reply reply = model.prompt(List.of(ask("?", Part.video(film))))
                .maxTokens(1)
                .cancelWith(handle)
                .generate();
        assertEquals(FinishReason.CANCELLED, reply.finishReason());
        assertEquals(0, film.left);
    }

    @Test
    void aPictureAskedForTwiceAtOnceIsEncodedOnce() throws Exception {
        Part.Image photo = picture(5, 8, 8);
        long misses = model.imageCache().misses();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Reply> first = threads.submit(() -> prompt(model, photo).generate(encoding(step -> {
                begun.countDown();
                await(second);
            })));
            begun.await();
            Future<Reply> other = threads.submit((Callable<Reply>) () -> {
                second.countDown();
                return prompt(model, photo).generate();
            });
            ImageStats one = first.get().stats().images();
            ImageStats two = other.get().stats().images();
            assertEquals(List.of(1, 0), List.of(one.encoded(), one.cached()));
            assertEquals(List.of(0, 1), List.of(two.encoded(), two.cached()));
            assertEquals(first.get().tokens(), other.get().tokens());
            assertEquals(misses + 1, model.imageCache().misses());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The answer in progress gets tokens although the picture of another one is never finished. */
    @Test
    void otherAnswersGoOnBetweenTheBlocks() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Reply> seeing =
                    threads.submit(() -> prompt(model, picture(6, 8, 8)).generate(encoding(step -> {
                        begun.countDown();
                        await(answered);
                    })));
            begun.await();
            Reply text = model.prompt("Text.").maxTokens(5).ignoreEnd().generate();
            assertEquals(5, text.tokens().size());
            assertFalse(seeing.isDone());
            answered.countDown();
            assertEquals(FinishReason.MAX_TOKENS, seeing.get().finishReason());
        }
    }

    @Test
    void anotherPictureCannotBeEncodedInsideTheListener() {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> prompt(model, picture(7, 2, 2))
                        .generate(
                                encoding(step -> prompt(model, picture(8, 2, 2)).generate())));
        assertTrue(String.valueOf(refused.getMessage()).contains("a progress listener cannot"), refused.getMessage());
        assertEquals(
                1, prompt(model, picture(7, 2, 2)).generate().stats().images().encoded());
    }

    @Test
    void theModelCanBeClosedInsideTheListener() {
        LoadedModel other = vision.load();
        Reply reply = prompt(other, picture(9, 2, 2)).generate(encoding(step -> other.close()));
        assertEquals(FinishReason.CANCELLED, reply.finishReason());
        assertThrows(
                IllegalStateException.class,
                () -> prompt(other, picture(9, 2, 2)).generate());
    }

    @Test
    void theCacheKeepsToItsBudget() {
        long bytes = 4L * 4 * model.decoder().hiddenSize();
        try (LoadedModel small = (LoadedModel)
                vision.loader().imageCache(2 * bytes).prefixCache(0).load()) {
            for (int seed : new int[] {1, 2, 1, 3, 1, 2}) {
                prompt(small, picture(seed, 2, 2)).generate();
            }
            assertEquals(2, small.imageCache().entries());
            assertEquals(2 * bytes, small.imageCache().bytes());
            assertEquals(2, small.imageCache().hits());
            assertEquals(4, small.imageCache().misses());
            assertEquals(2, small.imageCache().evictions());
            assertEquals(2, small.memoryUse().images());
            assertEquals(
                    2,
                    prompt(small, picture(2, 2, 2), picture(4, 2, 2), picture(5, 2, 2))
                            .generate()
                            .stats()
                            .images()
                            .encoded());
        }
    }
}
