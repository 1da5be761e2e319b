package kawi.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import kawi.MemoryPlan;

/**
 * An SVG chart of models: the size of their weights and, on a logarithmic scale, the mean KL divergence from the
 * reference. Those that are not dominated by another one are the Pareto front and are connected by a line. What has no
 * divergence, as the reference, is below the scale.
 */
final class DensityChart {

    private static final int WIDTH = 760;
    private static final int HEIGHT = 480;
    private static final int LEFT = 80;
    private static final int RIGHT = WIDTH - 30;
    private static final int TOP = 94;
    /** The line of the smallest value on the scale; that of zero is at {@link #ZERO}. */
    private static final int BOTTOM = HEIGHT - 96;

    private static final int ZERO = HEIGHT - 72;
    private static final int AXIS = HEIGHT - 56;
    private static final int MAX_TICKS = 6;

    /** The width of a character of a label, roughly. */
    private static final double CHARACTER = 7;

    private static final int LINE = 14;
    private static final int MAX_CAPTION = 122;
    private static final double MIB = 1 << 20;
    private static final double GIB = 1 << 30;

    private static final String STYLE = """
            <style>
              svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
              .ground { fill: #ffffff; } text { fill: #1f2328; } .small { font-size: 11px; fill: #59636e; }
              .title { font-size: 16px; font-weight: 600; }
              .grid { stroke: #d1d9e0; } .axis { stroke: #59636e; }
              .front { fill: none; stroke: #0969da; stroke-width: 2; }
              .best { fill: #0969da; stroke: #0969da; } .dominated { fill: none; stroke: #bc4c00; stroke-width: 2; }
              @media (prefers-color-scheme: dark) {
                .ground { fill: #0d1117; } text { fill: #f0f6fc; } .small { fill: #9198a1; }
                .grid { stroke: #3d444d; } .axis { stroke: #9198a1; } .front { stroke: #4493f8; }
                .best { fill: #4493f8; stroke: #4493f8; } .dominated { stroke: #f0883e; }
              }
            </style>
            """;

    private record Point(DensityEntry entry, double x, double y, boolean best) {}

    private record Box(double left, double top, double right, double bottom) {
        boolean overlaps(Box other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }

        boolean isInside() {
            return left >= LEFT && right <= WIDTH && top >= TOP - LINE && bottom <= AXIS;
        }
    }

    private final DensityReport report;
    private final double unit;
    private final double maxSize;
    private final int minDecade;
    private final int maxDecade;
    private final StringBuilder svg = new StringBuilder();

    private DensityChart(DensityReport report, List<DensityEntry> shown) {
        this.report = report;
        double largest =
                shown.stream().mapToLong(entry -> entry.plan().weights()).max().orElse(1);
        unit = largest < GIB / 10 ? MIB : GIB;
        maxSize = 1.1 * largest / unit;
        double[] divergences = shown.stream()
                .mapToDouble(DensityEntry::meanDivergence)
                .filter(divergence -> divergence > 0)
                .sorted()
                .toArray();
        minDecade = divergences.length == 0 ? -4 : (int) Math.floor(Math.log10(divergences[0]));
        maxDecade = divergences.length == 0
                ? 0
                : Math.max(minDecade + 1, (int) Math.ceil(Math.log10(divergences[divergences.length - 1])));
    }

    /** Returns the chart. Models that are untrained, or cannot be compared with the reference, are only named. */
    static String of(DensityReport report) {
        List<DensityEntry> shown =
                report.entries().stream().filter(DensityEntry::compared).toList();
        return new DensityChart(report, shown).draw(shown);
    }

    private String draw(List<DensityEntry> shown) {
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">%n"
                .formatted(WIDTH, HEIGHT));
        svg.append("<title>Size of weights and KL divergence</title>").append(System.lineSeparator());
        svg.append(STYLE);
        svg.append("<rect class=\"ground\" width=\"%d\" height=\"%d\"/>%n".formatted(WIDTH, HEIGHT));
        text(
                20,
                26,
                "title",
                "start",
                "Cost of quantization against " + report.referenceEntry().name());
        text(20, 44, "small", "start", Columns.clipped(report.measured(), MAX_CAPTION));
        text(20, 59, "small", "start", Columns.clipped(report.machine(), MAX_CAPTION));
        axes();
        List<Point> points = shown.stream()
                .map(entry -> new Point(
                        entry,
                        x(entry.plan().weights() / unit),
                        y(entry.meanDivergence()),
                        entry.dominating(shown) == null))
                .toList();
        front(points);
        points.forEach(this::circle);
        labels(points);
        legend(shown.size());
        return svg.append("</svg>").append(System.lineSeparator()).toString();
    }

    private double x(double size) {
        return LEFT + (RIGHT - LEFT) * size / maxSize;
    }

    private double y(double divergence) {
        return divergence <= 0
                ? ZERO
                : BOTTOM - (BOTTOM - TOP) * (Math.log10(divergence) - minDecade) / (maxDecade - minDecade);
    }

    private void axes() {
        double step = step(maxSize);
        for (int i = 0; i * step <= maxSize; i++) {
            double x = x(i * step);
            line("grid", x, TOP, x, AXIS);
            text(x, AXIS + 16, "small", "middle", number(i * step));
        }
        for (int decade = minDecade; decade <= maxDecade; decade++) {
            double y = y(Math.pow(10, decade));
            line("grid", LEFT, y, RIGHT, y);
            text(LEFT - 8, y + 4, "small", "end", number(Math.pow(10, decade)));
        }
        line("grid", LEFT, ZERO, RIGHT, ZERO);
        text(LEFT - 8, ZERO + 4, "small", "end", "0");
        line("axis", LEFT, AXIS, RIGHT, AXIS);
        line("axis", LEFT, TOP, LEFT, AXIS);
        text((LEFT + RIGHT) / 2.0, AXIS + 34, "", "middle", "weights, " + (unit == MIB ? "MiB" : "GiB"));
        text(LEFT, TOP - 10, "", "middle", "mean KLD, nats");
    }

    /** Returns 1, 2 or 5 times a power of ten, so that there are few enough ticks. */
    private static double step(double range) {
        double step = Math.pow(10, Math.floor(Math.log10(range / MAX_TICKS)));
        for (double factor : new double[] {1, 2, 5, 10}) {
            if (range / (step * factor) <= MAX_TICKS) {
                return step * factor;
            }
        }
        return range;
    }

    private static String number(double value) {
        return value == 0 ? "0" : "%.3g".formatted(value).contains("e") ? "%.0e".formatted(value) : plain(value);
    }

    private static String plain(double value) {
        return "%.6f".formatted(value).replaceAll("\\.?0+$", "");
    }

    private void front(List<Point> points) {
        List<String> line = points.stream()
                .filter(Point::best)
                .sorted(Comparator.comparingDouble(Point::x))
                .map(point -> String.format(Locale.ROOT, "%.1f,%.1f", point.x, point.y))
                .toList();
        svg.append("<polyline class=\"front\" points=\"%s\"/>%n".formatted(String.join(" ", line)));
    }

    private void circle(Point point) {
        svg.append(String.format(
                Locale.ROOT,
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"><title>%s: %s, mean KLD %.6f</title></circle>%n",
                point.best ? "best" : "dominated",
                point.x,
                point.y,
                escaped(point.entry.name()),
                MemoryPlan.bytes(point.entry.plan().weights()),
                point.entry.meanDivergence()));
    }

    /** Writes each name where there is room: to the right, to the left, above or below. */
    private void labels(List<Point> points) {
        List<Box> taken = new ArrayList<>();
        points.forEach(point -> taken.add(new Box(point.x - 6, point.y - 6, point.x + 6, point.y + 6)));
        for (Point point : points) {
            double width = CHARACTER * Columns.of(point.entry.name());
            Box chosen = box(point.x + 9, point.y, width);
            for (Box box : List.of(
                    chosen,
                    box(point.x - 9 - width, point.y, width),
                    box(point.x - width / 2, point.y - LINE, width),
                    box(point.x - width / 2, point.y + LINE, width),
                    box(point.x - width, point.y - LINE, width),
                    box(point.x - width, point.y + LINE, width))) {
                if (box.isInside() && taken.stream().noneMatch(box::overlaps)) {
                    chosen = box;
                    break;
                }
            }
            taken.add(chosen);
            text(chosen.left, chosen.bottom - 4, "", "start", point.entry.name());
        }
    }

    private static Box box(double left, double middle, double width) {
        return new Box(left, middle - LINE / 2.0, left + width, middle + LINE / 2.0);
    }

    private void legend(int shown) {
        List<String> missing = report.entries().stream()
                .filter(entry -> !entry.compared())
                .map(DensityEntry::name)
                .toList();
        String note = "The line connects the models that no other one dominates in both size and mean KLD.";
        text(
                20,
                HEIGHT - 6,
                "small",
                "start",
                missing.isEmpty() || shown == 0 ? note : note + " Not shown: " + String.join(", ", missing) + ".");
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                style,
                x1,
                y1,
                x2,
                y2));
    }

    private void text(double x, double y, String style, String anchor, String content) {
        svg.append(String.format(
                Locale.ROOT,
                "<text%s x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                style.isEmpty() ? "" : " class=\"" + style + "\"",
                x,
                y,
                anchor,
                escaped(content)));
    }

    /** Returns text for XML, in which control characters are not allowed. */
    private static String escaped(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cs}\uFFFE\uFFFF]", "?")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
