package kawi.engine;

import java.util.Arrays;
import kawi.KernelSupport;
import kawi.compute.KernelTier;
import kawi.compute.Processor;
import kawi.compute.TierChoice;

/** Determines which kernels can run in this JVM. */
final class KernelDetection {

    private KernelDetection() {}

    static KernelSupport detect() {
        Processor processor = Processor.detect();
        TierChoice choice = TierChoice.choose("auto");
        return new KernelSupport(
                processor.name(),
                processor.features(),
                processor.nativeAccessDenied(),
                Arrays.stream(KernelTier.values()).map(KernelDetection::tier).toList(),
                choice.tier().label(),
                choice.reason());
    }

    private static KernelSupport.Tier tier(KernelTier tier) {
        return TierChoice.obstacle(tier)
                .map(obstacle -> new KernelSupport.Tier(tier.label(), false, obstacle))
                .orElseGet(() -> new KernelSupport.Tier(
                        tier.label(), true, TierChoice.choose(tier.label()).reason()));
    }
}
