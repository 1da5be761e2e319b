package kawi.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what with a file, on systems that have owners, groups and others; elsewhere a folder's rules hold for all
 * files in it.
 */
public final class FilePermissions {

    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> GROUP = PosixFilePermissions.fromString("---rwx---");

    private final PosixFileAttributes attributes;

    private FilePermissions(PosixFileAttributes attributes) {
        this.attributes = attributes;
    }

    /** Those of the file at {@code path}, or null if there is no file or no such system. */
    static @Nullable FilePermissions of(Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        return view == null || !Files.exists(path) ? null : new FilePermissions(view.readAttributes());
    }

    /**
     * What to create a file with that only its owner may read and write; nothing where the system of {@code path}
     * cannot say that.
     */
    public static FileAttribute<?>[] ofOwner(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)}
                : new FileAttribute<?>[0];
    }

    /** Gives the file at {@code path} these permissions, and the group that they are about. */
    void applyTo(Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        permissions.addAll(attributes.permissions());
        if (!now.group().equals(attributes.group())) {
            try {
                view.setGroup(attributes.group());
            } catch (IOException e) {
                // What the old file allowed to its group is not for the group of this one.
                permissions.removeAll(GROUP);
            }
        }
        if (!now.owner().equals(attributes.owner())) {
            try {
                view.setOwner(attributes.owner());
            } catch (IOException e) {
                // Only administrators can; the file belongs to whoever writes it.
            }
        }
        view.setPermissions(permissions);
    }
}
