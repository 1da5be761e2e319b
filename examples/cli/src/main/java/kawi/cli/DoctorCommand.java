package kawi.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.architecture.registry.Architectures;
import kawi.architecture.Blueprint;
import kawi.checkpoint.Checkpoint;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.hub.HubEnvironment;
import kawi.kernels.KvFormat;
import kawi.machine.Cpu;
import kawi.machine.NativeAccessDeniedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What Kawi finds on this machine, why it chose its kernels, and whether they compute the same. */
@Command(
        name = "doctor",
        description =
                "Shows what Kawi finds here, why it chose its kernels, and checks that all kernels compute the same.",
        footer = {
            "",
            "With -m it says what the model takes of this machine's memory at several lengths of the context.",
            "",
            "The check generates a few tokens with every kind of kernels there is and compares all logits bit for bit. "
                    + "The exit code is 1 if they differ, or if kernels were asked for that cannot be had.",
            "",
            "Examples:",
            "  kawi doctor",
            "  kawi doctor -m Qwen3.5-0.8B-Q4_K_M.gguf",
            "  kawi doctor --json | jq .kernels"
        })
final class DoctorCommand implements Callable<Integer> {

    private static final List<Integer> LENGTHS = List.of(4096, 32_768, 131_072);

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    private final Terminal terminal;
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private boolean healthy = true;
    private boolean nativeAccessDenied;

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        software();
        processor();
        MemoryForecast.Machine machine = MemoryForecast.Machine.ask();
        memory(machine);
        kernels();
        flags();
        hub();
        forecast(machine);
        check();
        facts.put("healthy", healthy);
        if (json) {
            Json.print(terminal.out(), facts);
        }
        return healthy ? Kawi.DONE : Kawi.FAILED;
    }

    private void software() {
        String version = new Kawi.Version().getVersion()[0].substring("kawi ".length());
        line("kawi", version);
        line(
                "JDK",
                "%s, %s (%s)"
                        .formatted(
                                property("java.runtime.version"), property("java.vm.name"), property("java.vendor")));
        line("", property("java.home"));
        line("system", "%s %s, %s".formatted(property("os.name"), property("os.version"), property("os.arch")));
        facts.put("kawi", version);
        facts.put("jdk", property("java.runtime.version"));
        facts.put("java_home", property("java.home"));
        facts.put("system", "%s %s".formatted(property("os.name"), property("os.version")));
        facts.put("architecture", property("os.arch"));
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    private void processor() {
        int processors = Runtime.getRuntime().availableProcessors();
        String name;
        List<String> features = new ArrayList<>();
        try {
            Cpu cpu = Cpu.ask();
            name = cpu.name();
            Map<String, Boolean> known = new LinkedHashMap<>();
            known.put("AVX2", cpu.avx2());
            known.put("AVX-VNNI", cpu.avxVnni());
            known.put("AVX-512", cpu.avx512());
            known.put("AVX-512 VNNI", cpu.avx512Vnni());
            known.forEach((feature, there) -> {
                if (there) {
                    features.add(feature);
                }
            });
        } catch (NativeAccessDeniedException e) {
            nativeAccessDenied = true;
            name = "not asked, because native access is denied";
        } catch (UnsupportedOperationException e) {
            name = "not asked: " + Failure.sentence(e);
        }
        line("CPU", features.isEmpty() ? name : "%s, %s".formatted(name, String.join(", ", features)));
        line("processors", String.valueOf(processors));
        facts.put("cpu", name);
        facts.put("cpu_features", features);
        facts.put("processors", processors);
    }

    private void memory(MemoryForecast.Machine machine) {
        long heap = Runtime.getRuntime().maxMemory();
        line(
                "memory",
                "%s, %s free, up to %s of it for Java objects; weights are outside"
                        .formatted(
                                MemoryPlan.bytes(machine.total()),
                                MemoryPlan.bytes(machine.free()),
                                MemoryPlan.bytes(heap)));
        facts.put("memory_bytes", machine.total());
        facts.put("free_memory_bytes", machine.free());
        facts.put("heap_limit_bytes", heap);
    }

    private void kernels() {
        TierChoice choice = TierChoice.choose("auto");
        line("kernels", choice.sentence());
        Map<String, Object> tiers = new LinkedHashMap<>();
        String forced = System.getProperty(TierChoice.PROPERTY);
        if (forced != null) {
            healthy = reported("-D%s=%s".formatted(TierChoice.PROPERTY, forced), forced, tiers);
        }
        for (KernelTier tier : KernelTier.values()) {
            reported("--kernels " + name(tier), name(tier), tiers);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("tier", name(choice.tier()));
        object.put("reason", choice.reason());
        object.put("tiers", tiers);
        facts.put("kernels", object);
    }

    /** Says what asking for a tier comes to; returns whether it can be had. */
    private boolean reported(String request, String tier, Map<String, Object> tiers) {
        String answer;
        boolean there = true;
        try {
            answer = TierChoice.choose(tier).reason();
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            answer = Failure.sentence(e);
            there = false;
        }
        line("", "%s: %s".formatted(request, answer));
        tiers.put(tier, Map.of("available", there, "reason", answer));
        return there;
    }

    private static String name(KernelTier tier) {
        return tier.name().toLowerCase(Locale.ROOT);
    }

    /** Options of the JVM that make a difference, and what to do about them. */
    private void flags() {
        boolean access = DoctorCommand.class.getModule().isNativeAccessEnabled();
        boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        boolean wanted = TierChoice.choose("auto").tier() != KernelTier.ASSEMBLED;
        line(
                "flags",
                access
                        ? "--enable-native-access is given"
                        : nativeAccessDenied
                                ? "native access is denied; --enable-native-access=ALL-UNNAMED would allow the assembled kernels"
                                : "without --enable-native-access=ALL-UNNAMED the JDK prints a warning; nothing else changes");
        String remedy = vector
                ? "--add-modules jdk.incubator.vector is given"
                : wanted
                        ? "--add-modules jdk.incubator.vector would make Kawi several times as fast here"
                        : "--add-modules jdk.incubator.vector is not needed here";
        line("", remedy);
        facts.put("native_access", access);
        facts.put("native_access_denied", nativeAccessDenied);
        facts.put("vector_module", vector);
        facts.put("vector_module_useful", wanted);
    }

    private void hub() {
        HubEnvironment hub = HubEnvironment.of(terminal.environment());
        line("hub", "%s, cache %s".formatted(hub.endpoint(), hub.cache()));
        line(
                "",
                hub.offline()
                        ? "offline: only the cache is used (HF_HUB_OFFLINE)"
                        : "HF_HUB_OFFLINE=1 would use only the cache");
        facts.put("hub_endpoint", hub.endpoint().toString());
        facts.put("hub_cache", hub.cache().toString());
        facts.put("hub_offline", hub.offline());
    }

    private void forecast(MemoryForecast.Machine machine) {
        modelOptions.path(terminal).ifPresent(path -> {
            List<Map<String, Object>> plans = new ArrayList<>();
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                Blueprint blueprint = Architectures.read(checkpoint);
                KvFormat kvFormat = kvFormat(blueprint);
                TreeSet<Integer> lengths = new TreeSet<>(LENGTHS);
                lengths.add(blueprint.contextLength());
                line("model", checkpoint.name());
                for (MemoryPlan plan :
                        MemoryForecast.plans(blueprint, kvFormat, lengths.headSet(blueprint.contextLength(), true))) {
                    String verdict = machine.verdict(plan.total());
                    line("", "%s: %s: %s".formatted(MemoryPlan.bytes(plan.total()), verdict, plan));
                    Map<String, Object> object = MemoryForecast.description(plan);
                    object.put("verdict", verdict);
                    plans.add(object);
                }
            }
            facts.put("forecast", plans);
        });
    }

    private KvFormat kvFormat(Blueprint blueprint) {
        try {
            return KvFormat.of(modelOptions.keysAndValues(), blueprint.usualKvFormat());
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    private void check() {
        KernelCheck.Outcome outcome = KernelCheck.run(modelOptions, terminal);
        healthy &= outcome.agreed();
        line("threads", "%d compute".formatted(outcome.threads()));
        line("self-check", "\"%s\"".formatted(outcome.text()));
        outcome.comparisons().forEach(comparison -> line("", comparison.sentence()));
        line("", healthy ? "OK" : "NOT OK");
        facts.put("threads", outcome.threads());
        facts.put("self_check_text", outcome.text());
        facts.put(
                "self_check",
                outcome.comparisons().stream()
                        .map(KernelCheck.Comparison::sentence)
                        .toList());
    }

    private void line(String what, String value) {
        if (!json) {
            terminal.out().printf("%-11s %s%n", what, value);
        }
    }
}
