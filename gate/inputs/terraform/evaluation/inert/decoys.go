package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// decoys lie where a real run has files that are not copied: a configuration that looks for them says one thing to one
// evaluation and another thing to the other.
func (c *copier) decoys() error {
	if !c.Decoys {
		return nil
	}
	root, _ := c.to(c.Root)
	for _, path := range []string{
		filepath.Join(c.Out, ".git", "HEAD"), filepath.Join(c.Out, ".git", "config"), filepath.Join(root, ".git", "HEAD"),
		filepath.Join(root, ".terraform.lock.hcl"), filepath.Join(root, ".terraform", "environment"),
		filepath.Join(root, ".terraform", "providers", "registry.terraform.io", "hashicorp", "decoy"),
		filepath.Join(root, ".terraform", "modules", "decoy"), filepath.Join(root, "terraform.tfstate"),
		filepath.Join(root, "terraform.tfstate.d", "decoy"), filepath.Join(root, "decoy.tf"), filepath.Join(root, "decoy.json"),
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		decoy, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := decoy.Close(); err != nil {
			return err
		}
	}
	return nil
}
