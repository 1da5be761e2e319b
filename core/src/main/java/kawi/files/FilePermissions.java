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
 * The permissions of a file on systems with owners, groups and others; on other systems the rules of the folder apply
 * to all files in it.
 */
public final class FilePermissions {

    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> GROUP = PosixFilePermissions.fromString("---rwx---");

    private final PosixFileAttributes attributes;

    private FilePermissions(PosixFileAttributes attributes) {
        this.attributes = attributes;
    }

    /** The permissions of the file at {@code path}, or null if the file does not exist or the system has none. */
    static @Nullable FilePermissions of(Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        return view == null || !Files.exists(path) ? null : new FilePermissions(view.readAttributes());
    }

    /**
     * The attributes for creating a file that only its owner may read and write; empty if the file system of {@code
     * path} does not support them.
     */
    public static FileAttribute<?>[] ofOwner(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)}
                : new FileAttribute<?>[0];
    }

    /** Sets these permissions on the file at {@code path}, and the group to which they apply. */
    void applyTo(Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        permissions.addAll(attributes.permissions());
        if (!now.group().equals(attributes.group())) {
            try {
                view.setGroup(attributes.group());
            } catch (IOException e) {
                // The permissions of the old group must not apply to a different group.
                permissions.removeAll(GROUP);
            }
        }
        if (!now.owner().equals(attributes.owner())) {
            try {
                view.setOwner(attributes.owner());
            } catch (IOException e) {
                // Only administrators may change the owner, so the file belongs to the user who writes it.
            }
        }
        view.setPermissions(permissions);
    }
}
