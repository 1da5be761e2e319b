/**
 * Residual streams other than the ordinary one, which any family can have: attention residuals, with where files keep
 * them. To add one, implement {@link kawi.architecture.ResidualStream} and its scheme here, and wrap the
 * {@link kawi.architecture.Blueprint} of a checkpoint that has its weights, as
 * {@link kawi.architecture.residual.AttentionResidualBlueprint} does. Families do not know this package.
 */
@NullMarked
package kawi.architecture.residual;

import org.jspecify.annotations.NullMarked;
