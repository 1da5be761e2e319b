package kawi.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import kawi.KernelSupport;
import kawi.MemoryPlan;
import kawi.ModelFile;
import kawi.ModelHub;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reports the environment, and checks the kernels. */
@Command(
        name = "doctor",
        description = "Reports the environment and the selected kernels, and checks that all kernels agree.",
        footer = {
            "",
            "With -m, also reports the memory that the model needs at several context lengths.",
            "",
            "The check generates a few tokens with each available tier of kernels and compares all logits bit for bit. "
                    + "The exit code is 1 if they differ, or if the selected kernels are not available.",
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

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        KernelSupport support = KernelSupport.detect();
        software();
        processor(support);
        MemoryForecast.Machine machine = MemoryForecast.Machine.detect();
        memory(machine);
        kernels(support);
        flags(support);
        hub();
        forecast(machine);
        check();
        facts.put("healthy", healthy);
        if (json) {
            Json.print(terminal.out(), facts);
        }
        return healthy ? Kawi.SUCCESS : Kawi.FAILURE;
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

    private void processor(KernelSupport support) {
        int processors = Runtime.getRuntime().availableProcessors();
        String name = support.cpu()
                .orElse(support.nativeAccessDenied() ? "unknown, because native access is denied" : "unknown");
        List<String> features = support.cpuFeatures();
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
                "%s, %s free; at most %s for the Java heap, which does not contain the weights"
                        .formatted(
                                MemoryPlan.bytes(machine.total()),
                                MemoryPlan.bytes(machine.free()),
                                MemoryPlan.bytes(heap)));
        facts.put("memory_bytes", machine.total());
        facts.put("free_memory_bytes", machine.free());
        facts.put("heap_limit_bytes", heap);
    }

    private void kernels(KernelSupport support) {
        line("kernels", "%s: %s".formatted(support.defaultTier(), support.reason()));
        Map<String, Object> tiers = new LinkedHashMap<>();
        String selected = System.getProperty(KernelSupport.PROPERTY);
        if (selected != null) {
            KernelSupport.Tier tier = selected(support, selected);
            healthy = tier.available();
            report("-D%s=%s".formatted(KernelSupport.PROPERTY, selected), tier, tiers);
        }
        for (KernelSupport.Tier tier : support.tiers()) {
            report("--kernels " + tier.name(), tier, tiers);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("tier", support.defaultTier());
        object.put("reason", support.reason());
        object.put("tiers", tiers);
        facts.put("kernels", object);
    }

    /** Returns the tier that the system property selects. */
    private static KernelSupport.Tier selected(KernelSupport support, String property) {
        String name = property.equalsIgnoreCase("auto") ? support.defaultTier() : property;
        return support.tiers().stream()
                .filter(tier -> tier.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseGet(() -> new KernelSupport.Tier(
                        property,
                        false,
                        "kernels '%s': expected auto, scalar, vector or assembled".formatted(property)));
    }

    private void report(String option, KernelSupport.Tier tier, Map<String, Object> tiers) {
        line("", "%s: %s: %s".formatted(option, tier.available() ? "available" : "unavailable", tier.reason()));
        tiers.put(tier.name(), Map.of("available", tier.available(), "reason", tier.reason()));
    }

    /** Reports the options of the JVM that make a difference. */
    private void flags(KernelSupport support) {
        boolean access = DoctorCommand.class.getModule().isNativeAccessEnabled();
        boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        boolean useful = !support.defaultTier().equals("assembled");
        line(
                "flags",
                access
                        ? "--enable-native-access is set"
                        : support.nativeAccessDenied()
                                ? "native access is denied; --enable-native-access=ALL-UNNAMED enables the assembled kernels"
                                : "without --enable-native-access=ALL-UNNAMED the JDK prints a warning, with no other effect");
        String remedy = vector
                ? "--add-modules jdk.incubator.vector is set"
                : useful
                        ? "--add-modules jdk.incubator.vector would make Kawi several times as fast here"
                        : "--add-modules jdk.incubator.vector is not needed here";
        line("", remedy);
        facts.put("native_access", access);
        facts.put("native_access_denied", support.nativeAccessDenied());
        facts.put("vector_module", vector);
        facts.put("vector_module_useful", useful);
    }

    private void hub() {
        ModelHub hub = ModelHub.fromEnvironment(terminal.environment());
        line("hub", "%s, cache %s".formatted(hub.endpoint(), hub.cache()));
        line(
                "",
                hub.isOffline()
                        ? "offline: only the cache is used (HF_HUB_OFFLINE)"
                        : "HF_HUB_OFFLINE=1 would restrict Kawi to the cache");
        Optional<String> proxy = ModelPath.proxy(hub);
        proxy.ifPresent(it -> line("", "through the proxy " + it));
        facts.put("hub_endpoint", hub.endpoint().toString());
        proxy.ifPresent(it -> facts.put("hub_proxy", it));
        facts.put("hub_cache", hub.cache().toString());
        facts.put("hub_offline", hub.isOffline());
    }

    private void forecast(MemoryForecast.Machine machine) {
        modelOptions.path(terminal).ifPresent(path -> {
            try (ModelFile file = ModelFile.open(path)) {
                TreeSet<Integer> lengths = new TreeSet<>(LENGTHS);
                lengths.add(file.contextLength());
                List<MemoryPlan> plans = MemoryForecast.plans(
                        file, lengths.headSet(file.contextLength(), true), modelOptions.keysAndValues());
                line("model", file.name());
                facts.put(
                        "forecast",
                        plans.stream().map(plan -> forecast(plan, machine)).toList());
            }
        });
    }

    private Map<String, Object> forecast(MemoryPlan plan, MemoryForecast.Machine machine) {
        String verdict = machine.verdict(plan.total());
        line("", "%s: %s: %s".formatted(MemoryPlan.bytes(plan.total()), verdict, plan));
        Map<String, Object> object = MemoryForecast.description(plan);
        object.put("verdict", verdict);
        return object;
    }

    private void check() {
        KernelCheck.Outcome outcome = KernelCheck.run(modelOptions, terminal);
        healthy &= outcome.agreed();
        line("threads", String.valueOf(outcome.threads()));
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
