package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import kawi.KernelSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class DoctorCommandTest {

    @Test
    void reportsTheKernelsAndWhyAndThatTheyAgree() {
        String report = Cli.run("doctor").result();
        KernelSupport kernels = KernelSupport.detect();
        assertTrue(report.contains(System.getProperty("java.home")), report);
        assertTrue(report.contains(kernels.defaultTier() + ": " + kernels.reason()), report);
        assertTrue(report.contains("--kernels scalar: available: plain Java"), report);
        assertTrue(report.contains("\"Once upon a time, there was"), report);
        assertTrue(report.contains("vector = scalar, bit for bit"), report);
        assertEquals(
                kernels.defaultTier().equals("assembled"), report.contains("assembled = scalar, bit for bit"), report);
        assertTrue(report.stripTrailing().endsWith("OK"), report);
    }

    @Test
    void kernelsThatCannotBeHadAreAFailure() {
        String before = System.getProperty(KernelSupport.PROPERTY);
        System.setProperty(KernelSupport.PROPERTY, "fast");
        try {
            Cli.Outcome outcome = Cli.run("doctor", "--kernels", "scalar");
            assertEquals(1, outcome.code());
            assertTrue(
                    outcome.out().contains("-Dkawi.kernels=fast: unavailable: kernels 'fast': expected auto,"),
                    outcome.out());
        } finally {
            if (before == null) {
                System.clearProperty(KernelSupport.PROPERTY);
            } else {
                System.setProperty(KernelSupport.PROPERTY, before);
            }
        }
    }

    @Test
    void saysWhatToDoAndWhereThingsAre(@TempDir Path home) {
        Map<String, String> environment = Map.of("HF_HOME", home.toString(), "HF_HUB_OFFLINE", "1");
        String report = Cli.withEnvironment(environment, "doctor").result();
        assertTrue(report.contains("cache " + home.resolve("hub")), report);
        assertTrue(report.contains("offline: only the cache is used"), report);
        assertTrue(report.contains("--enable-native-access"), report);
        assertTrue(report.contains("--add-modules jdk.incubator.vector"), report);
        assertTrue(report.contains("threads"), report);
    }

    @Test
    void jsonHasEverything() {
        JsonNode report = Cli.run("doctor", "--json", "-t", "1", "-m", Cli.DEMO).json();
        assertTrue(report.get("healthy").booleanValue());
        assertTrue(report.get("processors").intValue() > 0);
        assertEquals(1, report.get("threads").intValue());
        assertEquals(
                KernelSupport.detect().reason(),
                report.get("kernels").get("reason").asString());
        assertTrue(report.get("kernels")
                .get("tiers")
                .get("scalar")
                .get("available")
                .booleanValue());
        assertTrue(report.get("memory_bytes").longValue() > 0);
        assertTrue(report.get("hub_cache").isString());
        assertTrue(report.get("native_access").isBoolean());
        JsonNode forecast = report.get("forecast");
        assertEquals(1, forecast.size());
        assertEquals(1024, forecast.get(0).get("context").intValue());
        assertEquals("fits", forecast.get(0).get("verdict").asString());
        assertTrue(forecast.get(0).get("total").longValue() > 1_000_000);
    }

    @Test
    void verdictsOnMemory() {
        MemoryForecast.Machine machine = new MemoryForecast.Machine(100, 50);
        assertEquals("fits", machine.verdict(50));
        assertEquals("more than the free memory", machine.verdict(51));
        assertEquals("more than the total memory", machine.verdict(101));
        assertEquals("the memory of this machine is unknown", new MemoryForecast.Machine(0, 0).verdict(1));
    }
}
