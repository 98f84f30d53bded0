namespace ProcFs.Doctor;

/// <summary>One thing that doctor looks at.</summary>
internal interface ICheck
{
    /// <summary>Its name: lower case, with dots. docs/doctor.md has a row for each.</summary>
    string Id { get; }

    /// <summary>
    /// Looks. Never fails for what the host is like: that is what it tells. Changes nothing, opens nothing in a container's tree or on a FUSE mount, and waits for
    /// nobody longer than some hundred milliseconds.
    /// </summary>
    IEnumerable<Finding> Look(DoctorHost host);
}

/// <summary>A finding and whose it is.</summary>
internal sealed record Told(string Id, Finding Finding);
