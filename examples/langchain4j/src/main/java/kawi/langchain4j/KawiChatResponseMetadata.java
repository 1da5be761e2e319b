package kawi.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.Objects;
import kawi.GenerationStats;
import org.jspecify.annotations.Nullable;

/** What is known about an answer besides its content. */
public final class KawiChatResponseMetadata extends ChatResponseMetadata {

    private final @Nullable Long seed;
    private final @Nullable GenerationStats stats;

    private KawiChatResponseMetadata(Builder builder) {
        super(builder);
        seed = builder.seed;
        stats = builder.stats;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** The seed of the random numbers: a request with this seed and the same parameters gets the same answer. */
    public @Nullable Long seed() {
        return seed;
    }

    /** The times that the answer took. */
    public @Nullable GenerationStats stats() {
        return stats;
    }

    @Override
    public Builder toBuilder() {
        Builder builder = new Builder();
        toBuilder(builder);
        return builder.seed(seed).stats(stats);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof KawiChatResponseMetadata that
                && Objects.equals(seed, that.seed)
                && Objects.equals(stats, that.stats);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), seed, stats);
    }

    @Override
    public String toString() {
        return "KawiChatResponseMetadata{id=%s, modelName=%s, tokenUsage=%s, finishReason=%s, seed=%s, stats=%s}"
                .formatted(id(), modelName(), tokenUsage(), finishReason(), seed, stats);
    }

    /** A builder. */
    public static final class Builder extends ChatResponseMetadata.Builder<Builder> {

        private @Nullable Long seed;
        private @Nullable GenerationStats stats;

        private Builder() {}

        /** Sets {@link KawiChatResponseMetadata#seed}. */
        public Builder seed(@Nullable Long seed) {
            this.seed = seed;
            return this;
        }

        /** Sets {@link KawiChatResponseMetadata#stats}. */
        public Builder stats(@Nullable GenerationStats stats) {
            this.stats = stats;
            return this;
        }

        @Override
        public KawiChatResponseMetadata build() {
            return new KawiChatResponseMetadata(this);
        }
    }
}
