package kawi.engine;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import kawi.CacheStats;
import kawi.ChatBuilder;
import kawi.Concurrency;
import kawi.Evaluation;
import kawi.MemoryPlan;
import kawi.MemoryUse;
import kawi.Message;
import kawi.Model;
import kawi.ModelActivity;
import kawi.ModelFileException;
import kawi.Profile;
import kawi.Prompt;
import kawi.Reply;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.Sequence;
import kawi.Speculation;
import kawi.architecture.Blueprint;
import kawi.architecture.Decoder;
import kawi.architecture.SequenceState;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.Counters;
import kawi.constraint.CallSyntax;
import kawi.constraint.Grammar;
import kawi.constraint.GrammarCache;
import kawi.constraint.GrammarForm;
import kawi.constraint.TokenTrie;
import kawi.dialect.Dialect;
import kawi.dialect.Dialects;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import kawi.template.ChatTemplate;
import kawi.template.TemplateException;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model whose weights are in memory, and the resources that its prompts, conversations and sequences share. */
final class LoadedModel implements Model {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

    /** The maximum memory of compiled grammars and their cached vocabulary masks. */
    private static final long MAX_GRAMMAR_BYTES = 192L << 20;

    private final String name;
    private final Checkpoint checkpoint;
    private final TextAssets text;
    private final Blueprint blueprint;
    private final Arena arena;
    private final WorkerPool pool;
    private final Compute compute;
    private final KvFormats kvFormat;
    private final Decoder decoder;
    private final int contextLength;
    private final Speculation speculation;
    private final ModelSampling sampling;
    private final StateCaches caches;
    private final VisionInput vision;
    private final Admission admission;
    private final OwnTokenizer tokenizer;
    private final Fingerprint fingerprint;

    private final GrammarCache grammars = new GrammarCache(MAX_GRAMMAR_BYTES);

    private final Dialect dialect;
    private final SpecialTokens special;
    private volatile @Nullable ChatFormat chatFormat;
    private final Set<TokenSequence> open = ConcurrentHashMap.newKeySet();
    private final Lifetime lifetime;
    private final Scheduler scheduler;
    private final long loaded;

    private final TrackedResource.Tracker tracker;

    LoadedModel(
            Checkpoint checkpoint,
            TextAssets text,
            Dialects dialects,
            Blueprint blueprint,
            Arena arena,
            WorkerPool pool,
            Compute compute,
            KvFormats kvFormat,
            int contextLength,
            Concurrency limits,
            long prefixCacheBytes,
            long conversationBytes,
            @Nullable Sampling sampling,
            Speculation speculation,
            VisionInput.Options visionOptions) {
        this.name = checkpoint.name();
        this.lifetime = new Lifetime(name);
        this.tracker = new TrackedResource.Tracker(name, lifetime);
        this.fingerprint = new Fingerprint(checkpoint, blueprint, lifetime);
        this.checkpoint = checkpoint;
        this.text = text;
        this.blueprint = blueprint;
        this.arena = arena;
        this.pool = pool;
        this.compute = compute;
        this.kvFormat = kvFormat;
        this.contextLength = contextLength;
        this.speculation = speculation;
        long page = blueprint.stateSize(1, kvFormat).keysAndValues();
        this.admission = new Admission(lifetime, limits, page, contextLength);
        this.decoder = blueprint.bind(compute, kvFormat, arena);
        this.scheduler = new Scheduler(decoder, lifetime, System::nanoTime, compute.counters());
        this.loaded = System.nanoTime();
        this.tokenizer = new OwnTokenizer(name, text);
        this.dialect = dialects.of(blueprint.family(), text.templateSource());
        this.caches = new StateCaches(lifetime, prefixCacheBytes, conversationBytes);
        this.vision = new VisionInput(this, checkpoint, visionOptions, compute, arena);
        this.sampling = new ModelSampling(
                name,
                dialect,
                blueprint.parameters(),
                sampling != null ? sampling : checkpoint.sampling().orElse(null));
        int rows = blueprint.vocabularySize();
        Tokenizer own = tokenizer.get().orElse(null);
        this.special =
                SpecialTokens.of(own, dialect, rows, CheckpointFile.endTokens(checkpoint, own, dialect.endTokens()));
        scheduler.expect(special.frequent(rows));
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
        return new UserSequence(this, openSequence(true));
    }

    @Override
    public Evaluation evaluation() {
        return new ModelEvaluation(this, pool);
    }

    /**
     * Returns an empty sequence, which the caller closes.
     *
     * @param unplaced whether it belongs to no answer, see {@link Admission}
     */
    TokenSequence openSequence(boolean unplaced) {
        lifetime.enter();
        try {
            TokenSequence sequence = new TokenSequence(this, decoder.newSequence(), unplaced);
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
        return tokenizer.get().map(ModelTokenizer::new);
    }

    @Override
    public Optional<String> chatTemplate() {
        return text.templateSource();
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
        return special.ends();
    }

    @Override
    public Sampling sampling() {
        return sampling.of(template().isPresent(), false);
    }

    Sampling samplingFor(boolean chat, boolean thinking) {
        return sampling.of(chat, thinking);
    }

    @Override
    public Sampling sampling(SamplingPreset preset) {
        return sampling.recommended(preset);
    }

    @Override
    public CacheStats prefixCache() {
        return caches.prefixes().stats();
    }

    @Override
    public CacheStats imageCache() {
        return vision.stats();
    }

    @Override
    public boolean seesImages() {
        return vision.present();
    }

    @Override
    public MemoryPlan memoryPlan() {
        return CheckpointLoader.plan(blueprint, kvFormat, contextLength, vision.bytes());
    }

    @Override
    public MemoryUse memoryUse() {
        CacheStats images = vision.stats();
        return new MemoryUse(
                open.size(), caches.count(), images.entries(), caches.memory().total() + images.bytes());
    }

    @Override
    public ModelActivity activity() {
        return scheduler.activity(admission);
    }

    @Override
    public Profile profile() {
        Counters counters = compute.counters();
        if (counters == null) {
            throw new IllegalStateException(
                    "the time of %s is not counted; ModelLoader.profile enables that".formatted(name));
        }
        return ModelProfile.of(counters, loaded, threads());
    }

    /** The counters of the profile, or null. */
    @Nullable Counters counters() {
        return compute.counters();
    }

    @Override
    public double measureReadBandwidth() {
        lifetime.enter();
        try {
            return compute.readBandwidth();
        } finally {
            lifetime.leave();
        }
    }

    @Override
    public boolean predictsTokens() {
        return decoder.draftHead() != null;
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

    /** Cancels the current steps, waits for them, and frees everything. */
    @Override
    public void close() {
        lifetime.close(() -> {
            LOG.debug("{}: closed, with {} sequences open", name, open.size());
            open.forEach(TokenSequence::close);
            caches.release();
            vision.close();
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

    /** Whether answers guess ahead unless they say otherwise. */
    Speculation speculation() {
        return speculation;
    }

    Admission admission() {
        return admission;
    }

    /** Image input. */
    VisionInput vision() {
        return vision;
    }

    SnapshotStore snapshots() {
        return caches.prefixes();
    }

    /** Returns a new store for the states of a conversation. */
    SnapshotStore newSnapshots(long budget) {
        return caches.newStore(budget);
    }

    /** Returns the state of an empty sequence that belongs to no sequence; the caller closes it. */
    SequenceState newState() {
        lifetime.enter();
        try {
            return decoder.newSequence();
        } finally {
            lifetime.leave();
        }
    }

    /** The markup and conventions of the model's conversations. */
    Dialect dialect() {
        return dialect;
    }

    /**
     * The syntax of the model's tool calls.
     *
     * @throws IllegalStateException if it is not known
     */
    CallSyntax callSyntax() {
        return dialect.calls()
                .orElseThrow(() -> new IllegalStateException(
                        ("how %s calls tools is not known; a chat template of a known family tells it, see "
                                        + "ModelLoader.chatTemplate")
                                .formatted(name)));
    }

    /** The tokens that begin a message in a conversation. */
    BitSet messageStarts() {
        return special.messageStarts();
    }

    /** Whether models of this size are known to repeat themselves. */
    boolean looping() {
        return dialect.tendsToRepeat(parameters());
    }

    /** The bytes of all tokens, used by grammars. */
    TokenTrie tokenTrie() {
        return tokenizer.trie();
    }

    /** Returns a compiled grammar, from a cache of the most recently used ones. */
    Grammar grammar(GrammarForm form) {
        return grammars.get(form);
    }

    /** Identifies the weights of this model, see {@link Fingerprint#text}. */
    String fingerprint() {
        return fingerprint.text();
    }

    /** The tokenizer, if there is one. */
    Optional<Tokenizer> ownTokenizer() {
        return tokenizer.get();
    }

    /** Returns the tokenizer, or throws if there is none. */
    Tokenizer requireTokenizer() {
        return tokenizer.require();
    }

    /** The chat template. This method fails if the template cannot be parsed. */
    Optional<ChatTemplate> template() {
        return parsed(text::template);
    }

    /** The chat template for conversations with tools. This method fails if the template cannot be parsed. */
    Optional<ChatTemplate> templateForTools() {
        return parsed(text::templateForTools);
    }

    private static Optional<ChatTemplate> parsed(Supplier<Optional<ChatTemplate>> template) {
        try {
            return template.get();
        } catch (TemplateException e) {
            throw new ModelFileException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The chat templates with what is known about them. */
    TextAssets text() {
        return text;
    }

    /**
     * Returns the format of conversations.
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

    /** The ids that are not tokens and must not be generated. */
    BitSet forbidden() {
        return special.forbidden();
    }

    Lifetime lifetime() {
        return lifetime;
    }

    /** Whether this thread holds none of the locks that must be held only briefly; for assertions. */
    boolean holdsNoLeaf() {
        return caches.holdsNoLock()
                && !Thread.holdsLock(lifetime)
                && !Thread.holdsLock(scheduler)
                && !Thread.holdsLock(admission);
    }

    Scheduler scheduler() {
        return scheduler;
    }

    /** Tracks an object of this model that a user should close, see {@link TrackedResource}. */
    TrackedResource track(Object owner, String what, Runnable free) {
        return tracker.track(owner, what, free);
    }

    StateCaches caches() {
        return caches;
    }

    void forget(TokenSequence sequence) {
        open.remove(sequence);
    }
}
