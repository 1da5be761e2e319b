package kawi.kernels.assembled;

import kawi.kernels.Activations;
import kawi.kernels.assembled.MatrixArguments.PanelProduct;

/**
 * Products of quantized weights with so many tokens that it pays to unpack the weights to working memory:
 *
 * <pre>
 *    for each slice of tokens, at most MAX_TOKENS
 *      for each panel, some columns of all groups       its activations stay in the second-level cache
 *        one call: for each group: unpack the panel, multiply it with all tokens
 * </pre>
 */
final class PanelProducts {

    private PanelProducts() {}

    /** Whether a product of {@code w} with a number of tokens is computed here. */
    static boolean pay(AssembledMatrix w, int tokens) {
        return tokens >= w.codes().minPanelTokens() && w.codes().panelUnits() > 0;
    }

    static void multiply(AssembledMatrix w, Activations x, int tokens, Activations y, int fromGroup, int toGroup) {
        if (fromGroup == toGroup) {
            return;
        }
        int slices = (tokens + PanelProduct.MAX_TOKENS - 1) / PanelProduct.MAX_TOKENS;
        Arguments arguments = Arguments.claim();
        try {
            arguments.set(PanelProduct.WORK, arguments.scratch(), 0, PanelProduct.WORK_BYTES);
            for (int slice = 0; slice < slices; slice++) {
                int from = (int) ((long) slice * tokens / slices);
                int to = (int) ((long) (slice + 1) * tokens / slices);
                multiply(arguments, w, x, from, to - from, y, fromGroup, toGroup - fromGroup);
            }
        } finally {
            arguments.release();
        }
    }

    /** All panels, in the order of their columns, because each adds to the outputs of the previous one. */
    private static void multiply(
            Arguments arguments,
            AssembledMatrix w,
            Activations x,
            int token,
            int tokens,
            Activations y,
            int group,
            int groups) {
        QuantLayout layout = (QuantLayout) w.codes().layout();
        int units = w.columns() / layout.unit();
        int panels = (units + w.codes().panelUnits() - 1) / w.codes().panelUnits();
        int row = group * AssembledLayout.ROWS;
        int tiles = (tokens + w.codes().maxPanelTokens() - 1) / w.codes().maxPanelTokens();
        int perTile = (tokens + tiles - 1) / tiles;
        for (int panel = 0; panel < panels; panel++) {
            int unit = panel * units / panels;
            int column = unit * layout.unit();
            long quantsAt = layout.quantBytes(column);
            long scalesAt = layout.quantBytes(w.columns()) + (long) unit * layout.unitScaleBytes();
            long xAt = (long) column / Activations.BLOCK * Activations.BLOCK_BYTES;
            arguments
                    .set(PanelProduct.WEIGHTS, w.data(), w.groupAt(group) + quantsAt, w.groupAt(groups) - quantsAt)
                    .set(PanelProduct.SCALES, scalesAt - quantsAt)
                    .set(PanelProduct.GROUPS, groups)
                    .set(PanelProduct.GROUP_BYTES, w.groupBytes())
                    .set(PanelProduct.UNITS, (panel + 1) * units / panels - unit)
                    .set(PanelProduct.X, x.int8(), x.blockAt(token, 0) + xAt, x.blockAt(tokens, 0) - xAt)
                    .set(PanelProduct.X_STRIDE, x.blockAt(1, 0))
                    .set(PanelProduct.CONTINUED, panel > 0 ? 1 : 0)
                    .set(PanelProduct.Y_STRIDE, AssembledMatrixKernel.rowBytes(y))
                    .set(PanelProduct.ROWS, w.rows() - row);
            AssembledMatrixKernel.outputs(arguments, PanelProduct.Y, y, token, tokens, row, groups);
            int small = tiles * perTile - tokens;
            arguments.set(PanelProduct.TOKENS, tokens);
            arguments.set(PanelProduct.LARGE_TILES, tiles - small).set(PanelProduct.SMALL_TILES, small);
            w.codes().panels(perTile).run(arguments);
        }
    }
}
