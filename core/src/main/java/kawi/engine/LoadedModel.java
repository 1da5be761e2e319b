package kawi.engine;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import kawi.CacheStats;
import kawi.ChatBuilder;
import kawi.MemoryPlan;
import kawi.MemoryUse;
import kawi.Message;
import kawi.Model;
import kawi.ModelFileException;
import kawi.Prompt;
import kawi.Reply;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.Sequence;
import kawi.architecture.Blueprint;
import kawi.architecture.Decoder;
import kawi.architecture.SequenceState;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.constraint.CallSyntax;
import kawi.constraint.Grammar;
import kawi.constraint.GrammarCache;
import kawi.constraint.GrammarForm;
import kawi.constraint.TokenTrie;
import kawi.dialect.Dialect;
import kawi.dialect.Dialects;
import kawi.kernels.KvFormat;
import kawi.kernels.WorkerPool;
import kawi.template.ChatTemplate;
import kawi.template.TemplateException;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model whose weights are in memory, and what all its prompts, conversations and sequences share. */
final class LoadedModel implements Model {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

    /** How much memory compiled grammars, and what they remember of the vocabulary, may take together. */
    private static final long MAX_GRAMMAR_BYTES = 192L << 20;

    private final String name;
    private final Checkpoint checkpoint;
    private final TextSide text;
    private final Blueprint blueprint;
    private final Arena arena;
    private final WorkerPool pool;
    private final Compute compute;
    private final KvFormat kvFormat;
    private final Decoder decoder;
    private final int contextLength;
    private final @Nullable Sampling ownSampling;
    private final SnapshotLimit prefixes;
    private final SnapshotStore snapshots;

    /** Of all sequences and snapshots. */
    private final SharedBytes memory = new SharedBytes();

    private final @Nullable Tokenizer tokenizer;
    private @Nullable TokenTrie tokenTrie;
    private final Fingerprint fingerprint;

    private final GrammarCache grammars = new GrammarCache(MAX_GRAMMAR_BYTES);

    /** Why there is no tokenizer. */
    private final String withoutTokenizer;

    private final Dialect dialect;
    private final Set<Integer> endTokens;
    private final BitSet messageStarts = new BitSet();
    private final BitSet forbidden = new BitSet();
    private volatile @Nullable ChatFormat chatFormat;
    private final Set<TokenSequence> open = ConcurrentHashMap.newKeySet();

    /** Of all conversations together. */
    private final SnapshotLimit conversations;

    private final Lifetime lifetime;
    private final PassQueue passes = new PassQueue();

    private final Unclosed.Watch watch;

    LoadedModel(
            Checkpoint checkpoint,
            TextSide text,
            Dialects dialects,
            Blueprint blueprint,
            Arena arena,
            WorkerPool pool,
            Compute compute,
            KvFormat kvFormat,
            int contextLength,
            long prefixCacheBytes,
            long conversationBytes,
            @Nullable Sampling sampling) {
        this.name = checkpoint.name();
        this.lifetime = new Lifetime(name);
        this.watch = new Unclosed.Watch(name, lifetime);
        this.fingerprint = new Fingerprint(checkpoint, blueprint, lifetime);
        this.checkpoint = checkpoint;
        this.text = text;
        this.blueprint = blueprint;
        this.arena = arena;
        this.pool = pool;
        this.compute = compute;
        this.kvFormat = kvFormat;
        this.contextLength = contextLength;
        this.decoder = blueprint.bind(compute, kvFormat, arena);
        Tokenizer found = null;
        String problem = name + " has no tokenizer";
        try {
            found = text.tokenizer().orElse(null);
        } catch (TokenizerException e) {
            problem = String.valueOf(e.getMessage());
            LOG.warn("{}; only token ids can be given to this model", problem);
        }
        this.tokenizer = found;
        this.withoutTokenizer = problem;
        this.dialect = dialects.of(blueprint.family(), text.templateSource());
        try {
            template();
        } catch (ModelFileException e) {
            LOG.warn("{}; only raw prompts and token ids can be given to this model", e.getMessage());
        }
        this.prefixes = new SnapshotLimit(lifetime, memory, prefixCacheBytes);
        this.snapshots = prefixes.newStore("prefixCache", prefixCacheBytes);
        this.conversations = new SnapshotLimit(lifetime, memory, conversationBytes);
        this.ownSampling = sampling != null ? sampling : checkpoint.sampling().orElse(null);
        if (tokenizer != null) {
            for (String token : dialect.messageStarts()) {
                tokenizer.id(token).ifPresent(messageStarts::set);
            }
            int known = tokenizer.vocabularySize();
            int rows = blueprint.vocabularySize();
            forbidden.or(tokenizer.unusedIds());
            forbidden.set(Math.min(known, rows), rows);
            forbidden.clear(rows, Math.max(known, rows));
        }
        this.endTokens = Set.copyOf(CheckpointFile.endTokens(checkpoint, tokenizer, dialect.endTokens()));
    }

    @Override
    public Reply generate(String message) {
        return prompt(message).generate();
    }

    @Override
    public Prompt prompt(String message) {
        return new SinglePrompt(this, message);
    }

    @Override
    public Prompt prompt(List<Message> messages) {
        return new SinglePrompt(this, messages);
    }

    @Override
    public Prompt prompt(int... ids) {
        return new SinglePrompt(this, ids);
    }

    @Override
    public ChatBuilder chat() {
        return new ConversationBuilder(this);
    }

    @Override
    public Sequence newSequence() {
        return new UserSequence(this, openSequence());
    }

    /** An empty sequence, which the caller closes. */
    TokenSequence openSequence() {
        lifetime.enter();
        try {
            TokenSequence sequence = new TokenSequence(this, decoder.newSequence());
            open.add(sequence);
            return sequence;
        } finally {
            lifetime.leave();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<kawi.Tokenizer> tokenizer() {
        return Optional.ofNullable(tokenizer).map(ModelTokenizer::new);
    }

    @Override
    public int countTokens(String text) {
        return requireTokenizer().encode(text).length;
    }

    @Override
    public int vocabularySize() {
        return decoder.vocabularySize();
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public long parameters() {
        return blueprint.parameters();
    }

    @Override
    public Set<Integer> endTokens() {
        return endTokens;
    }

    @Override
    public Sampling sampling() {
        return samplingFor(template().isPresent(), false);
    }

    Sampling samplingFor(boolean chat, boolean thinking) {
        if (ownSampling != null) {
            return ownSampling;
        }
        return chat
                ? dialect.defaultSampling(thinking, parameters()).orElse(Prompt.DEFAULT_SAMPLING)
                : Prompt.DEFAULT_SAMPLING;
    }

    @Override
    public Sampling sampling(SamplingPreset preset) {
        return dialect.recommended(preset, parameters())
                .orElseThrow(() -> new IllegalStateException(
                        "no sampling options are recommended for %s; set them one by one, see Sampling"
                                .formatted(name)));
    }

    @Override
    public CacheStats prefixCache() {
        return snapshots.stats();
    }

    @Override
    public MemoryPlan memoryPlan() {
        return CheckpointLoader.plan(blueprint, kvFormat, contextLength);
    }

    @Override
    public MemoryUse memoryUse() {
        return new MemoryUse(open.size(), prefixes.snapshots() + conversations.snapshots(), memory.total());
    }

    @Override
    public String kernels() {
        return compute.tier();
    }

    @Override
    public String keysAndValues() {
        return kvFormat.toString();
    }

    @Override
    public int threads() {
        return pool.threads();
    }

    /** Cancels the steps under way, waits for them, and frees everything. */
    @Override
    public void close() {
        lifetime.close(() -> {
            LOG.debug("{}: closed, with {} sequences open", name, open.size());
            open.forEach(TokenSequence::close);
            conversations.release();
            snapshots.release();
            pool.close();
            decoder.close();
            text.settle();
            arena.close();
            checkpoint.close();
        });
    }

    @Override
    public String toString() {
        return "%s (%s, %s)".formatted(name, blueprint.family(), memoryPlan());
    }

    Decoder decoder() {
        return decoder;
    }

    SnapshotStore snapshots() {
        return snapshots;
    }

    /** A store of the states of a conversation. */
    SnapshotStore newSnapshots(long budget) {
        return conversations.newStore("chat", budget);
    }

    /** The state of an empty sequence, outside of any; the caller closes it. */
    SequenceState newState() {
        lifetime.enter();
        try {
            return decoder.newSequence();
        } finally {
            lifetime.leave();
        }
    }

    /** What the model writes and reads around the words of a conversation. */
    Dialect dialect() {
        return dialect;
    }

    /**
     * How the model calls tools.
     *
     * @throws IllegalStateException if that is not known
     */
    CallSyntax callSyntax() {
        return dialect.calls()
                .orElseThrow(() -> new IllegalStateException(
                        ("how %s calls tools is not known; a chat template of a known family tells it, see "
                                        + "ModelLoader.chatTemplate")
                                .formatted(name)));
    }

    /** Tokens that begin a message in a conversation. */
    BitSet messageStarts() {
        return messageStarts;
    }

    /** Whether models of this size are known to repeat themselves. */
    boolean looping() {
        return dialect.tendsToRepeat(parameters());
    }

    /** The bytes of all tokens, for grammars. */
    synchronized TokenTrie tokenTrie() {
        if (tokenTrie == null) {
            tokenTrie = new TokenTrie(requireTokenizer());
        }
        return tokenTrie;
    }

    /** A compiled grammar, which remembers what it allows; those used last are kept for who asks for the same again. */
    Grammar grammar(GrammarForm form) {
        return grammars.get(form);
    }

    /** Tells this model's weights from others', see {@link Fingerprint#text}. */
    String fingerprint() {
        return fingerprint.text();
    }

    /** The tokenizer, unless there is none. */
    Optional<Tokenizer> ownTokenizer() {
        return Optional.ofNullable(tokenizer);
    }

    /** The tokenizer, for those who cannot do without. */
    Tokenizer requireTokenizer() {
        if (tokenizer == null) {
            throw new IllegalStateException(withoutTokenizer + "; only token ids can be given to this model");
        }
        return tokenizer;
    }

    /** The chat template; one that we cannot read spoils nothing else. */
    Optional<ChatTemplate> template() {
        try {
            return text.template();
        } catch (TemplateException e) {
            throw new ModelFileException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * How conversations are written.
     *
     * @throws IllegalStateException if the model has no tokenizer or no chat template
     */
    ChatFormat chatFormat() {
        ChatFormat known = chatFormat;
        if (known == null) {
            known = new ChatFormat(this);
            chatFormat = known;
        }
        return known;
    }

    /** Ids that have no meaning and must not be generated. */
    BitSet forbidden() {
        return forbidden;
    }

    Lifetime lifetime() {
        return lifetime;
    }

    /**
     * Asked between the pieces of longer work.
     *
     * @throws ClosedException if the model is closed
     * @throws CancellationException if the thread is interrupted
     */
    void checkGoesOn() {
        lifetime.checkOpen();
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted");
        }
    }

    /** Whether this thread holds none of the locks that are to be held for a moment only; for assertions. */
    boolean holdsNoLeaf() {
        return !Thread.holdsLock(prefixes)
                && !Thread.holdsLock(conversations)
                && !Thread.holdsLock(lifetime)
                && !Thread.holdsLock(passes)
                && !Thread.holdsLock(memory);
    }

    PassQueue passes() {
        return passes;
    }

    /** Watches something of this model that a user should close, see {@link Unclosed}. */
    Unclosed watch(Object owner, String what, Runnable free) {
        return watch.over(owner, what, free);
    }

    SharedBytes memory() {
        return memory;
    }

    void forget(TokenSequence sequence) {
        open.remove(sequence);
    }
}
