/**
 * Residual streams other than the ordinary one, for use by any family: attention residuals, and their names in files.
 * To add one, implement {@link kawi.architecture.ResidualStream} and its scheme here, and wrap the
 * {@link kawi.architecture.Blueprint} of a checkpoint that has its weights, as
 * {@link kawi.architecture.residual.AttentionResidualBlueprint} does. Families do not depend on this package.
 */
@NullMarked
package kawi.architecture.residual;

import org.jspecify.annotations.NullMarked;
